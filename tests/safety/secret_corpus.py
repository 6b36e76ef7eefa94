"""Secrets of many formats in the surroundings that they are found in, drawn anew from a seed: none stands in a file.

The forms are written from what the vendors say their tokens look like, not from the patterns that are tested. Used by the
tests of redaction and by `make bench-secrets`.
"""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
ALNUM = LOWER + UPPER + DIGITS
HEX = DIGITS + "abcdef"
URL_SAFE = ALNUM + "_-"
BASE64 = ALNUM + "+/"
BASE32 = UPPER + "234567"


@dataclass(frozen=True, slots=True)
class Sample:
    """A text that holds `secret`: no part of that may be left."""

    format: str
    surroundings: str
    language_id: str
    text: str
    secret: str


class Draw:
    """Random pieces."""

    def __init__(self, seed: object) -> None:
        self.random = random.Random(str(seed))

    def __call__(self, n: int, signs: str = ALNUM) -> str:
        return "".join(self.random.choices(signs, k=n))

    def uuid(self) -> str:
        return "-".join(self(n, HEX) for n in (8, 4, 4, 4, 12))

    def word(self) -> str:
        return self.random.choice(["billing", "orders", "search", "mailer", "report", "ingest", "gateway", "worker"])

    def password(self) -> str:
        """What a generator of passwords gives; a digit, a letter and a sign at least."""
        signs = [self(1, DIGITS), self(1, LOWER), self(1, UPPER), self(1, "!#*+=_~"), *self(12, ALNUM + "!#*_~")]
        self.random.shuffle(signs)
        return "".join(["k", *signs])

    def jwt(self) -> str:
        claims = {"sub": self(10, DIGITS), "name": self.word(), "iat": self.random.randrange(10**9, 2 * 10**9)}
        parts = [json.dumps({"alg": "HS256", "typ": "JWT"}), json.dumps(claims)]
        return ".".join(
            [*(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts), self(43, URL_SAFE)]
        )

    def pem(self, kind: str = "RSA ", n_lines: int = 12) -> list[str]:
        label = kind + "PRIVATE " + "KEY"
        return [
            f"-----BEGIN {label}-----",
            *(self(64, BASE64) for _ in range(n_lines)),
            self(42, BASE64) + "==",
            f"-----END {label}-----",
        ]


# Tokens that can be told by their looks, wherever they stand.
TOKENS: dict[str, Callable[[Draw], str]] = {
    "AWS access key id": lambda d: "AKIA" + d(16, BASE32),
    "AWS temporary key id": lambda d: "ASIA" + d(16, BASE32),
    "AWS Bedrock key": lambda d: "ABSK" + d(128, BASE64),
    "Google API key": lambda d: "AIza" + d(35, URL_SAFE),
    "Google OAuth client secret": lambda d: "GOCSPX-" + d(28, URL_SAFE),
    "Google access token": lambda d: "ya29.a0" + d(160, URL_SAFE),
    "Google refresh token": lambda d: "1//0" + d(60, URL_SAFE),
    "Azure client secret": lambda d: d(3) + "8Q~" + d(34, ALNUM + "_.~"),
    "Azure Cognitive Services key": lambda d: d(52) + "JQQJ99" + d(26),
    "DigitalOcean token": lambda d: "dop_v1_" + d(64, HEX),
    "Heroku key": lambda d: "HRKU-AA" + d(58, URL_SAFE),
    "Cloudflare origin CA key": lambda d: "v1.0-" + d(24, HEX) + "-" + d(146, HEX),
    "Alibaba access key": lambda d: "LTAI5t" + d(18),
    "Tencent secret id": lambda d: "AKID" + d(32),
    "Yandex API key": lambda d: "AQVN" + d(36, URL_SAFE),
    "Scaleway access key": lambda d: "SCW" + d(17, UPPER + DIGITS),
    "Fly.io token": lambda d: "fm2_" + d(200, BASE64),
    "Vercel blob token": lambda d: "vercel_blob_rw_" + d(16) + "_" + d(30),
    "Netlify token": lambda d: "nfp_" + d(36),
    "Supabase token": lambda d: "sbp_" + d(40, HEX),
    "PlanetScale password": lambda d: "pscale_pw_" + d(43, URL_SAFE),
    "Databricks token": lambda d: "dapi" + d(32, HEX),
    "Doppler token": lambda d: "dp.pt." + d(43),
    "Vault token": lambda d: "hvs." + d(96, URL_SAFE),
    "Terraform Cloud token": lambda d: d(14) + ".atlasv1." + d(67),
    "Pulumi token": lambda d: "pul-" + d(40, HEX),
    "1Password service account": lambda d: "ops_eyJ" + d(300, BASE64),
    "age identity": lambda d: "AGE-SECRET-KEY-1" + d(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
    "Grafana service account": lambda d: "glsa_" + d(32) + "_" + d(8, HEX),
    "New Relic key": lambda d: "NRAK-" + d(27, UPPER + DIGITS),
    "Sentry user token": lambda d: "sntryu_" + d(64, HEX),
    "Dynatrace token": lambda d: "dt0c01." + d(24, BASE32) + "." + d(64, BASE32),
    "LaunchDarkly SDK key": lambda d: "sdk-" + d.uuid(),
    "Prefect key": lambda d: "pnu_" + d(36),
    "SonarQube token": lambda d: "squ_" + d(40, HEX),
    "Tailscale key": lambda d: "tskey-auth-" + d(12) + "CNTRL-" + d(32),
    "GitHub personal token": lambda d: "ghp_" + d(36),
    "GitHub app token": lambda d: "ghs_" + d(36),
    "GitHub fine-grained token": lambda d: "github_pat_" + d(22) + "_" + d(59),
    "GitLab personal token": lambda d: "glpat-" + d(20, URL_SAFE),
    "GitLab deploy token": lambda d: "gldt-" + d(20, URL_SAFE),
    "Bitbucket app password": lambda d: "ATBB" + d(32),
    "Atlassian token": lambda d: "ATATT3xFfGF0" + d(170, URL_SAFE) + "=" + d(8, HEX.upper()),
    "CircleCI token": lambda d: "CCIPAT_" + d(22) + "_" + d(40, HEX),
    "Buildkite token": lambda d: "bkua_" + d(40, HEX),
    "Artifactory key": lambda d: "AKCp" + d(69),
    "npm token": lambda d: "npm_" + d(36),
    "PyPI token": lambda d: "pypi-" + "AgEIcHlwaS5vcmc" + d(120, URL_SAFE),
    "RubyGems key": lambda d: "rubygems_" + d(48, HEX),
    "Docker Hub token": lambda d: "dckr_pat_" + d(27, URL_SAFE),
    "Cargo token": lambda d: "cio" + d(32),
    "NuGet key": lambda d: "oy2" + d(43, LOWER + DIGITS),
    "Clojars token": lambda d: "CLOJARS_" + d(60, LOWER + DIGITS),
    "Postman key": lambda d: "PMAK-" + d(24, HEX) + "-" + d(34, HEX),
    "Octopus Deploy key": lambda d: "API-" + d(26, UPPER + DIGITS),
    "OpenShift token": lambda d: "sha256~" + d(43, URL_SAFE),
    "Harness token": lambda d: "pat." + d(22, URL_SAFE) + "." + d(24) + "." + d(20),
    "README key": lambda d: "rdme_" + d(70, LOWER + DIGITS),
    "Adobe client secret": lambda d: "p8e-" + d(32),
    "Figma token": lambda d: "figd_" + d(40, URL_SAFE),
    "Stripe secret key": lambda d: "sk_live_" + d(24),
    "Stripe restricted key": lambda d: "rk_live_" + d(99),
    "Stripe webhook secret": lambda d: "whsec_" + d(32),
    "Square access token": lambda d: "EAAA" + d(60, URL_SAFE),
    "Square OAuth secret": lambda d: "sq0csp-" + d(43, URL_SAFE),
    "Braintree access token": lambda d: "access_token$production$" + d(16, LOWER + DIGITS) + "$" + d(32, HEX),
    "Shopify access token": lambda d: "shpat_" + d(32, HEX),
    "Razorpay key": lambda d: "rzp_live_" + d(14),
    "Plaid token": lambda d: "access-production-" + d.uuid(),
    "Flutterwave key": lambda d: "FLWSECK-" + d(32, LOWER + DIGITS) + "-X",
    "EasyPost key": lambda d: "EZAK" + d(54),
    "Slack bot token": lambda d: f"xoxb-{d(12, DIGITS)}-{d(13, DIGITS)}-{d(24)}",
    "Slack user token": lambda d: f"xoxp-{d(12, DIGITS)}-{d(12, DIGITS)}-{d(13, DIGITS)}-{d(32, HEX)}",
    "Slack app token": lambda d: f"xapp-1-A{d(10, UPPER + DIGITS)}-{d(13, DIGITS)}-{d(64, HEX)}",
    "Discord bot token": lambda d: "M" + d(25) + "." + d(6, URL_SAFE) + "." + d(38, URL_SAFE),
    "Telegram bot token": lambda d: d(1, "123456789") + d(9, DIGITS) + ":AA" + d(33, URL_SAFE),
    "Twilio API key": lambda d: "SK" + d(32, HEX),
    "SendGrid key": lambda d: "SG." + d(22, URL_SAFE) + "." + d(43, URL_SAFE),
    "Mailgun key": lambda d: "key-" + d(32, HEX),
    "Mailchimp key": lambda d: d(32, HEX) + "-us12",
    "Brevo key": lambda d: "xkeysib-" + d(64, HEX) + "-" + d(16),
    "Notion token": lambda d: "ntn_" + d(46),
    "Linear key": lambda d: "lin_api_" + d(40),
    "Airtable token": lambda d: "pat" + d(14) + "." + d(64, HEX),
    "HubSpot token": lambda d: "pat-na1-" + d.uuid(),
    "Mapbox secret token": lambda d: "sk.eyJ" + d(80) + "." + d(22, URL_SAFE),
    "Facebook token": lambda d: "EAA" + d(160),
    "Shippo token": lambda d: "shippo_live_" + d(40, HEX),
    "Dropbox token": lambda d: "sl.B" + d(135, URL_SAFE),
    "OpenAI project key": lambda d: "sk-proj-" + d(74, URL_SAFE) + "T3Blbk" + "FJ" + d(74, URL_SAFE),
    "OpenAI key": lambda d: "sk-" + d(20) + "T3Blbk" + "FJ" + d(20),
    "Anthropic key": lambda d: "sk-ant-api03-" + d(93, URL_SAFE) + "AA",
    "OpenRouter key": lambda d: "sk-or-v1-" + d(64, HEX),
    "DeepSeek key": lambda d: "sk-" + d(32, HEX),
    "Hugging Face token": lambda d: "hf_" + d(34),
    "Replicate token": lambda d: "r8_" + d(37),
    "Groq key": lambda d: "gsk_" + d(52),
    "xAI key": lambda d: "xai-" + d(80),
    "Perplexity key": lambda d: "pplx-" + d(48),
    "Fireworks key": lambda d: "fw_" + d(24),
    "NVIDIA key": lambda d: "nvapi-" + d(64, URL_SAFE),
    "LangSmith key": lambda d: "lsv2_pt_" + d(32, HEX) + "_" + d(10, HEX),
    "Pinecone key": lambda d: "pcsk_" + d(6) + "_" + d(63),
    "JSON web token": lambda d: d.jwt(),
}  # fmt: skip

# How a token stands in a program or a file; {0} is the token, {1} a name in words that says nothing of secrets.
AROUND_TOKENS = (
    ("constant", "python", 'import os\n\nclient = Client("{0}", timeout=30)\n\n\ndef {1}(request):\n    return client.get(request.id)\n'),
    ("fallback", "python", 'value = os.environ.get("{1}") or \'{0}\'\nlogger.info("started")\n'),
    ("header", "javascript", 'const answer = await fetch(url, {{\n  headers: {{ "X-Api": `{0}` }},\n}});\n'),
    ("property", "typescript", 'export const config = {{\n  {1}: "{0}",\n  retries: 3,\n}} as const;\n'),
    ("struct", "go", 'var cfg = Config{{\n\tName: "{1}",\n\tApi:  "{0}",\n}}\n'),
    ("argument", "java", '        var {1} = new Service(new Options("{0}"));\n        {1}.start();\n'),
    ("constant", "rust", 'const VALUE: &str = "{0}";\n\nfn {1}() -> Result<()> {{ Ok(()) }}\n'),
    ("entry", "yaml", "services:\n  {1}:\n    environment:\n      API: {0}\n    ports: [80]\n"),
    ("entry", "json", '{{\n  "name": "{1}",\n  "value": "{0}"\n}}\n'),
    ("export", "shellscript", "#!/bin/sh\nset -eu\nexport API={0}\n./{1} --verbose\n"),
    ("option", "shellscript", 'curl -sS -H "X-Thing: {0}" https://api.example.com/{1} | jq .\n'),
    ("entry", "toml", '[{1}]\nregion = "eu-west-1"\nvalue = "{0}"\n'),
    ("argument", "dockerfile", "FROM python:3.12\nENV API={0}\nRUN pip install {1}\n"),
    ("comment", "python", "# TODO: take this out: {0}\ndef {1}():\n    pass\n"),
    ("attribute", "terraform", 'provider "{1}" {{\n  value  = "{0}"\n  region = "eu"\n}}\n'),
    ("list", "ruby", '{1} = Client.new("{0}", retries: 2)\n'),
    ("test", "php", "<?php\n${1} = new Client('{0}');\n"),
)  # fmt: skip

# What only its surroundings give away: how to draw it, and texts with {0} for it and {1} for a word.
IN_CONTEXT: dict[str, tuple[Callable[[Draw], str], tuple[tuple[str, str], ...]]] = {
    "AWS secret access key": (
        lambda d: d(39, BASE64) + "q",
        (
            ("python", 'session = boto3.Session(\n    aws_access_key_id=key_id,\n    aws_secret_access_key="{0}",\n)\n'),
            ("ini", "[{1}]\nregion = eu-west-1\naws_secret_access_key = {0}\n"),
            ("shellscript", "export AWS_SECRET_ACCESS_KEY={0}\naws s3 ls\n"),
            ("javascript", "AWS.config.update({{\n  secretAccessKey: '{0}',\n  region: 'eu-west-1',\n}});\n"),
        ),
    ),
    "Azure storage key": (
        lambda d: d(86, BASE64) + "==",
        (
            ("csharp", 'var c = new BlobClient("DefaultEndpointsProtocol=https;AccountName={1};AccountKey={0};EndpointSuffix=core.windows.net");\n'),
            ("python", 'conn = "AccountName={1};AccountKey={0}"\n'),
        ),
    ),
    "Azure shared access signature": (
        lambda d: d(42) + "%3D",
        (("python", 'URL = "https://{1}.blob.core.windows.net/data?sv=2022-11-02&se=2030-01-01&sr=b&sig={0}"\n'),),
    ),
    "Azure Service Bus key": (
        lambda d: d(43, BASE64) + "=",
        (("json", '{{ "bus": "Endpoint=sb://{1}.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={0}" }}\n'),),
    ),
    "PostgreSQL address": (
        lambda d: d.password(),
        (
            ("python", 'DATABASE_URL = "postgresql://{1}:{0}@db.internal:5432/{1}"\n'),
            ("yaml", "env:\n  DATABASE_URL: postgres://{1}:{0}@db/app?sslmode=require\n"),
            ("go", 'db, err := sql.Open("postgres", "postgres://{1}:{0}@localhost/app")\n'),
        ),
    ),
    "MySQL address": (lambda d: d.password(), (("python", 'engine = create_engine("mysql+pymysql://root:{0}@mysql/{1}")\n'),)),
    "MongoDB address": (lambda d: d.password(), (("javascript", "mongoose.connect('mongodb+srv://{1}:{0}@cluster0.mongodb.net/app');\n"),)),
    "Redis address": (lambda d: d(24), (("ruby", 'Redis.new(url: "redis://:{0}@cache:6379/0")\n'),)),
    "AMQP address": (lambda d: d.password(), (("java", '        factory.setUri("amqp://{1}:{0}@rabbit:5672/%2f");\n'),)),
    "ADO.NET connection string": (
        lambda d: d.password(),
        (("csharp", 'const string C = "Server=db;Database={1};User Id=sa;Password={0};Encrypt=true";\n'),
         ("xml", '<add name="Main" connectionString="Data Source=db;User ID={1};Pwd={0};" />\n')),
    ),
    "JDBC properties": (lambda d: d.password(), (("properties", "spring.datasource.username={1}\nspring.datasource.password={0}\n"),)),
    "git remote with token": (lambda d: d(40, HEX), (("shellscript", "git clone https://{1}:{0}@git.example.com/team/repo.git\n"),)),
    "Authorization bearer": (
        lambda d: d(48, URL_SAFE),
        (
            ("shellscript", 'curl -H "Authorization: Bearer {0}" https://api.example.com/{1}\n'),
            ("python", 'headers = {{"Authorization": "Bearer {0}", "Accept": "*/*"}}\n'),
            ("http", "GET /{1} HTTP/1.1\nHost: api.example.com\nAuthorization: Bearer {0}\n"),
        ),
    ),
    "Authorization basic": (
        lambda d: base64.b64encode(f"{d.word()}:{d.password()}".encode()).decode(),
        (
            ("javascript", "headers: {{ Authorization: 'Basic {0}' }},\n"),
            ("shellscript", 'curl -H "Authorization: Basic {0}" https://example.com\n'),
        ),
    ),
    "Authorization token": (lambda d: d(40, HEX), (("python", 'session.headers["Authorization"] = "Token {0}"\n'),)),
    "netrc": (lambda d: d(20), (("plaintext", "machine example.com login {1} password {0}\n"), ("plaintext", "machine example.com\n  login {1}\n  password {0}\n"))),
    "npm auth token": (lambda d: d.uuid(), (("ini", "//registry.example.com/:_authToken={0}\n"),)),
    "Docker auth": (
        lambda d: base64.b64encode(f"{d.word()}:{d.password()}".encode()).decode(),
        (("json", '{{ "auths": {{ "registry.example.com": {{ "auth": "{0}" }} }} }}\n'),),
    ),
    "curl credentials": (lambda d: d.password(), (("shellscript", "curl -sf -u {1}:{0} https://example.com/api\n"),)),
    "Slack webhook": (
        lambda d: f"T{d(10, UPPER + DIGITS)}/B{d(10, UPPER + DIGITS)}/{d(24)}",
        (("python", 'WEBHOOK = "https://hooks.slack.com/services/{0}"\n'),),
    ),
    "Discord webhook": (lambda d: d(68, URL_SAFE), (("javascript", 'const hook = "https://discord.com/api/webhooks/123456789012345678/{0}";\n'),)),
    "password assignment": (
        lambda d: d.password(),
        (
            ("python", 'DB = {{\n    "user": "{1}",\n    "password": "{0}",\n}}\n'),
            ("python", "conn = connect(host, user='{1}', password='{0}')\n"),
            ("java", '        ds.setPassword("{0}");\n'),
            ("go", 'cfg := Config{{User: "{1}", Password: "{0}"}}\n'),
            ("yaml", "database:\n  user: {1}\n  password: {0}\n"),
            ("php", "define('DB_PASSWORD', '{0}');\n"),
            ("sql", "CREATE USER {1} IDENTIFIED BY '{0}';\n"),
            ("xml", "<server><id>{1}</id><password>{0}</password></server>\n"),
            ("toml", '[smtp]\nuser = "{1}"\npassword = "{0}"\n'),
            ("csharp", 'var password = "{0}";\n'),
            ("rust", 'let password: &str = "{0}";\n'),
            ("typescript", "const password: string = '{0}';\n"),
            ("shellscript", "PGPASSWORD={0} psql -U {1}\n"),
            ("shellscript", "{1} login --password {0}\n"),
            ("yaml", "- name: POSTGRES_PASSWORD\n  value: {0}\n"),
        ),
    ),
    "secret assignment": (
        lambda d: d(32),
        (
            ("python", 'SECRET_KEY = "{0}"\n'),
            ("javascript", 'app.use(session({{ secret: "{0}", resave: false }}));\n'),
            ("ruby", 'config.secret_key_base = "{0}"\n'),
            ("python", 'client_secret="{0}",\n'),
            ("properties", "oauth.clientSecret={0}\n"),
        ),
    ),
    "API key assignment": (
        lambda d: d(32, HEX),
        (
            ("python", 'openai.api_key = "{0}"\n'),
            ("javascript", "const apiKey = '{0}';\n"),
            ("json", '{{ "apiKey": "{0}" }}\n'),
            ("yaml", "datadog:\n  api_key: {0}\n"),
            ("shellscript", "export DD_API_KEY={0}\n"),
            ("java", '    private static final String API_KEY = "{0}";\n'),
            ("go", 'const apiKey = "{0}"\n'),
            ("javascript", "const key = process.env.API_KEY || '{0}';\n"),
            ("python", 'api_key = os.environ.get("API_KEY") or "{0}"\n'),
            ("python", 'api_key = os.environ.get("API_KEY", "{0}")\n'),
            ("php", "$config['api_key'] = '{0}';\n"),
            ("shellscript", 'curl -H "X-Api-Key: {0}" https://api.example.com/{1}\n'),
            ("kotlin", 'val accessToken: String = "{0}"\n'),
            ("terraform", 'variable "x" {{}}\nauth_token = "{0}"\n'),
            ("shellscript", "{1} deploy --token {0}\n"),
            ("shellscript", "{1} deploy --token={0}\n"),
            ("yaml", '- name: {1}\n  key: x\n- name: SERVICE_TOKEN\n  value: "{0}"\n'),
        ),
    ),
}  # fmt: skip


def private_keys(draw: Draw) -> Iterator[Sample]:
    """Private keys as files, in strings, in parts."""
    for kind in ("RSA ", "EC ", "OPENSSH ", "", "ENCRYPTED ", "DSA "):
        lines = draw.pem(kind)
        yield Sample(
            "private key",
            kind or "PKCS #8",
            "plaintext",
            "\n".join(["# key", *lines, "# end", ""]),
            "\n".join(lines[1:-1]),
        )
    lines = draw.pem()
    body = "\n".join(lines[1:-1])
    yield Sample(
        "private key", "triple quotes", "python", 'KEY = """\\\n' + "\n".join(lines) + '\n"""\nprint(1)\n', body
    )
    yield Sample(
        "private key", "indented", "yaml", "tls:\n  key: |\n" + "".join(f"    {line}\n" for line in lines), body
    )
    escaped = "\\n".join(lines)
    yield Sample(
        "private key", "escaped", "json", f'{{ "private_key": "{escaped}\\n", "id": 1 }}\n', "\\n".join(lines[1:-1])
    )
    joined = " +\n".join(f'    "{line}\\n"' for line in lines)
    yield Sample("private key", "joined strings", "java", f"String k =\n{joined};\n", body)
    yield Sample("private key", "beginning alone", "plaintext", "\n".join(lines[:8]), "\n".join(lines[1:8]))
    yield Sample("private key", "end alone", "plaintext", "\n".join([*lines[6:], "x = 1"]), "\n".join(lines[6:-1]))
    yield Sample("private key", "middle alone", "plaintext", "\n".join(lines[3:9]), "\n".join(lines[3:9]))


def corpus(seed: int = 0, *, rounds: int = 1) -> Iterator[Sample]:
    """Every format in several surroundings each; all of it is new for another seed."""
    for number in range(rounds):
        draw = Draw((seed, number))
        for at, (name, make) in enumerate(TOKENS.items()):
            for step in range(5):
                where, language, text = AROUND_TOKENS[(at + step * 5 + number) % len(AROUND_TOKENS)]
                secret = make(draw)
                yield Sample(name, where, language, text.format(secret, draw.word()), secret)
        for name, (make, texts) in IN_CONTEXT.items():
            for language, text in texts:
                secret = make(draw)
                yield Sample(name, "in context", language, text.format(secret, draw.word()), secret)
        yield from private_keys(draw)


def is_left(sample: Sample, redacted: str, *, longest: int = 10) -> bool:
    """Whether more than `longest` signs of the secret in a row can still be read."""
    for line in sample.secret.replace("\\n", "\n").split("\n"):
        width = min(longest + 1, len(line))
        if any(line[at : at + width] in redacted for at in range(len(line) - width + 1)):
            return True
    return False
