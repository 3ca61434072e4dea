"""How what the doctor found is written."""
