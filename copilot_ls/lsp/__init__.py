"""The rim: alone in knowing LSP, pygls and lsprotocol. It translates, and leaves all decisions to `features`."""
