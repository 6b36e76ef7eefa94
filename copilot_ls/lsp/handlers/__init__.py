"""One module per group of requests; each has `register(server)`. They translate, call a feature, and translate back."""
