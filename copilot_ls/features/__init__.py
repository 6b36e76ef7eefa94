"""What copilot-ls does, free of any protocol: suggestions and their life, over immutable snapshots of documents."""
