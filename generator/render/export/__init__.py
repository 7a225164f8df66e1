"""Values as single files: text, JSON, CSV, XLSX, PDF."""
