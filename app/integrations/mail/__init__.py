"""Mail to people: by SMTP (`PSTN_MAIL_URL`), or as files in a folder of the home."""
