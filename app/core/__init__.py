"""What every service needs and none of it telephony: settings, database, errors, clock, HTTP."""
