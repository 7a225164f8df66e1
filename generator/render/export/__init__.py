"""Export values as single files: text, JSON, CSV, XLSX, PDF."""
