"""What the workspace imports from installed packages, by signature only.

`python`, `node` and `go` find the package that an import means on disk, at the place where the workspace's own tools
would find it; `packages` says what a package is and which of its files count; `signatures` reads one file; `collecting`
brings it all together in the worker. The tables are `copilot_ls.index.store.dependencies`, one database for all
workspaces, because they share packages.
"""
