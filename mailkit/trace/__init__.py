"""What was observed, as data. Servers write; text, pictures and checks read; no writer knows a reader."""
