"""Settings: their models, their layered load with trust, the folders they live in, and their generated reference."""
