"""The way from documents as written to months that count: names resolved, checked, approvals and filings verified."""
