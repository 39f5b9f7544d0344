# The service with its embedded PostgreSQL, or on DATABASE_URL. Not built where it was written: no
# container engine was there.
FROM python:3.12-slim
WORKDIR /srv
# Reads bills that come as pictures; without it they are taken unread.
RUN apt-get update && apt-get install -y --no-install-recommends tesseract-ocr tesseract-ocr-pol \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home pstn
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE alembic.ini ./
COPY app app
COPY migrations migrations
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . && mkdir /data && chown pstn /data
USER pstn
ENV PSTN_HOME=/data PSTN_HOST=0.0.0.0 PORT=8000
EXPOSE 8000
VOLUME /data
CMD ["pstn", "serve"]
