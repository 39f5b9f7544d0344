"""Files that are kept: in a folder, or in S3 (`PSTN_STORAGE_URL`)."""
