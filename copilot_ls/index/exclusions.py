"""Names of files and folders that the index leaves alone whatever a project says: secrets, caches, build output.

Pure data, as shell patterns; called by `ignore`, which says how they are matched and what may take them back.
"""

from __future__ import annotations

_SECRETS = """
.env .env* *.env
*.pem *.key *.p8 *.p12 *.pfx *.cert *.crt *.cer *.der *.csr *.jks *.keystore *.kdbx *.ovpn *.ppk *.gpg *.asc *.age
id_rsa* id_dsa* id_ecdsa* id_ed25519* *_rsa *_ed25519
.netrc _netrc .pgpass .my.cnf .htpasswd .npmrc .yarnrc .pypirc .git-credentials .dockercfg
*.credentials *.secret *.secrets *.tfvars *.tfvars.json *.tfstate *.tfstate.*
service-account*.json service_account*.json
"""
# With the ending of a programming language these are ordinary modules.
_GUARDED_STEMS = "credentials secret secrets"
_GUARDED_ENDINGS = " .json .yaml .yml .toml .ini .xml .csv .txt .cfg"

SECRET_FILES = (
    *_SECRETS.split(),
    *(stem + ending for stem in _GUARDED_STEMS.split() for ending in _GUARDED_ENDINGS.split(" ")),
)
SECRET_FOLDERS = frozenset({".ssh", ".gnupg", ".aws", ".azure", ".gcloud", ".kube", ".docker", ".secrets"})

_FOLDERS = """
.git .hg .svn .jj .bzr CVS
node_modules bower_components jspm_packages .yarn .pnpm-store Pods Carthage
.venv venv .virtualenv site-packages __pycache__ .mypy_cache .ruff_cache .pytest_cache .hypothesis .tox .nox .eggs
.ipynb_checkpoints .cache .parcel-cache .turbo .next .nuxt .svelte-kit .angular .gradle .idea .vs .terraform .serverless
.dart_tool .bundle .sass-cache .nyc_output .direnv coverage htmlcov
target dist build out _build cmake-build-debug cmake-build-release DerivedData .stack-work dist-newstyle
zig-cache .zig-cache zig-out elm-stuff
"""
FOLDERS = frozenset(_FOLDERS.split())

_FILES = """
*.min.js *.min.mjs *.min.css *.bundle.js *.chunk.js *.map *.snap
*-lock.json *.lock package-lock.json pnpm-lock.yaml *.egg-info
*_pb2.py *_pb2_grpc.py *_pb2.pyi *.pb.go *.pb.cc *.pb.h *.g.dart *.freezed.dart *.generated.* *.designer.cs
"""
FILES = tuple(_FILES.split())
