"""The formats of secrets that can be told by their looks, one line each: name, anchors, pattern.

A pattern is tried only where one of its anchors, which are plain text, stands; its group is the secret, the whole match
where there is none. Patterns never cross a line, and are bounded by what cannot be part of a token. What needs the name
that a value is given is `assignments`' business; keys of several lines are `blocks`'. Pure data; read by `finder`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from copilot_ls.prompt.redaction.judgement import is_encoded_credentials, is_password, is_random

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

# Name, anchors with blanks between, pattern.
_CLOUD = (
    ("aws_key_id", "AKIA ASIA ABIA ACCA A3T", r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}"),
    ("aws_bedrock_key", "ABSK", r"ABSK[A-Za-z0-9+/]{100,280}={0,2}"),
    ("aws_bedrock_session", "bedrock-api-key-", r"bedrock-api-key-[A-Za-z0-9+/=]{40,2000}"),
    ("aws_mws_token", "amzn.mws.", rf"amzn\.mws\.{_UUID}"),
    ("google_api_key", "AIza", r"AIza[A-Za-z0-9_-]{35}"),
    ("google_client_secret", "GOCSPX-", r"GOCSPX-[A-Za-z0-9_-]{24,32}"),
    ("google_access_token", "ya29.", r"ya29\.[A-Za-z0-9_-]{20,2000}"),
    ("google_refresh_token", "1//0", r"1//0[A-Za-z0-9_-]{40,200}"),
    ("azure_storage_key", "AccountKey=", r"AccountKey=([A-Za-z0-9+/]{40,100}={1,2})"),
    ("azure_shared_key", "SharedAccessKey=", r"SharedAccessKey=([A-Za-z0-9+/]{40,100}={1,2})"),
    ("azure_sas_signature", "sig=", r"[?&;]sig=([A-Za-z0-9%+/=_-]{40,120})"),
    ("azure_client_secret", "Q~", r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}"),
    ("azure_service_key", "JQQJ9", r"[A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{20,40}"),
    ("digitalocean_token", "_v1_", r"do[opr]_v1_[a-f0-9]{64}"),
    ("heroku_key", "HRKU-", r"HRKU-[A-Za-z0-9_-]{36,70}"),
    ("cloudflare_origin_key", "v1.0-", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{100,150}"),
    ("scaleway_key", "SCW", r"SCW[A-Z0-9]{17}"),
    ("alibaba_key", "LTAI", r"LTAI[A-Za-z0-9]{12,24}"),
    ("tencent_key", "AKID", r"AKID[A-Za-z0-9]{28,36}"),
    ("yandex_key", "AQVN", r"AQVN[A-Za-z0-9_-]{35,38}"),
    ("yandex_token", "t1.", r"t1\.[A-Za-z0-9_-]{20,400}={0,2}\.[A-Za-z0-9_-]{86}={0,2}"),
    ("fly_token", "fo1_", r"fo1_[A-Za-z0-9_-]{43}"),
    ("fly_macaroon", "fm1 fm2", r"fm[12][a-z]?_[A-Za-z0-9+/=,_-]{80,2000}"),
    ("vercel_token", "vercel_ vcp_ vca_", r"(?:vercel_blob_rw|vcp|vca)_[A-Za-z0-9_]{24,80}"),
    ("netlify_token", "nfp_", r"nfp_[A-Za-z0-9]{36,48}"),
    ("supabase_key", "sbp_ sb_secret_", r"(?:sbp_[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{20,60})"),
    ("planetscale_key", "pscale_", r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{32,64}"),
    ("neon_key", "napi_", r"napi_[A-Za-z0-9]{40,80}"),
    ("databricks_token", "dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),
    ("clickhouse_key", "4b1d", r"4b1d[A-Za-z0-9]{38}"),
    ("scalingo_token", "tk-us-", r"tk-us-[A-Za-z0-9_-]{48}"),
    ("render_key", "rnd_", r"rnd_[A-Za-z0-9]{28,40}"),
)
_OPERATIONS = (
    ("doppler_token", "dp.", r"dp\.(?:pt|st|sa|ct|scim|audit)\.[A-Za-z0-9_.-]{40,80}"),
    ("vault_token", "hvs. hvb. hvr.", r"hv[sbr]\.[A-Za-z0-9_-]{24,300}"),
    ("terraform_token", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}"),
    ("pulumi_token", "pul-", r"pul-[a-f0-9]{40}"),
    ("onepassword_token", "ops_eyJ", r"ops_eyJ[A-Za-z0-9+/_-]{100,2000}={0,2}"),
    ("onepassword_key", "A3-", r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}"),
    ("age_key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    ("grafana_token", "glsa_ glc_", r"(?:glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}|glc_[A-Za-z0-9+/]{32,400}={0,2})"),
    ("newrelic_key", "NRAK- NRII- NRJS- NRAL", r"(?:NR(?:AK|II|JS)-[A-Za-z0-9_-]{19,32}|[a-f0-9]{36}NRAL)"),
    ("sentry_token", "sntry", r"sntry[su]_[A-Za-z0-9+/=_]{40,400}"),
    ("dynatrace_token", "dt0", r"dt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    ("honeycomb_key", "hcaik_ hcalk_ hcamk_", r"hca[ilm]k_[a-z0-9]{26,70}"),
    ("launchdarkly_key", "sdk- api- mob-", rf"(?:sdk|api|mob)-{_UUID}"),
    ("prefect_key", "pnu_ pnb_", r"pn[ub]_[A-Za-z0-9]{36}"),
    ("sonar_token", "sqp_ squ_ sqa_", r"sq[pua]_[a-f0-9]{40}"),
    ("snyk_token", "snyk_", r"snyk_[a-z]{3}\.[A-Za-z0-9_.-]{30,120}"),
    ("tailscale_key", "tskey-", r"tskey-[a-z]{3,9}-[A-Za-z0-9]{8,24}-[A-Za-z0-9]{20,40}"),
    ("ngrok_key", "ak_", r"ak_[A-Za-z0-9]{27}"),
    ("mongodb_service_key", "mdb_sa_sk_", r"mdb_sa_sk_[A-Za-z0-9_-]{36,48}"),
    ("infracost_key", "ico-", r"ico-[A-Za-z0-9]{32}"),
    ("openshift_token", "sha256~", r"sha256~[A-Za-z0-9_-]{43}"),
    ("octopus_key", "API-", r"API-[A-Z0-9]{26}"),
    ("harness_key", "pat. sat.", r"[ps]at\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}"),
    ("defined_key", "dnkey-", r"dnkey-[A-Za-z0-9=_-]{26}-[A-Za-z0-9=_-]{52}"),
    ("grafana_key", "eyJrIjoi", r"eyJrIjoi[A-Za-z0-9]{60,400}={0,3}"),
    ("posthog_key", "phx_ phs_", r"ph[xs]_[A-Za-z0-9]{40,60}"),
)
_CODE_AND_BUILD = (
    ("github_token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{36,251}"),
    ("github_pat", "github_pat_", r"github_pat_[A-Za-z0-9_]{82}"),
    (
        "gitlab_token",
        "glpat gldt glrt glptt glcbt glagent gloas glsoat glimt glft glffct glwt",
        r"gl(?:pat|dt|rt|rtr|ptt|cbt|agent|oas|soat|imt|ft|ffct|wt)-[A-Za-z0-9_.-]{20,80}",
    ),
    ("gitlab_runner_token", "GR1348941", r"GR1348941[A-Za-z0-9_-]{20}"),
    ("bitbucket_password", "ATBB", r"ATBB[A-Za-z0-9]{32}"),
    ("atlassian_token", "ATATT3 ATCTT3", r"AT[AC]TT3[A-Za-z0-9_=-]{100,240}"),
    ("circleci_token", "CCIPAT_ CCIPRJ_", r"CCIP(?:AT|RJ)_[A-Za-z0-9]{22}_[a-f0-9]{40}"),
    ("buildkite_token", "bkua_ bkct_ bkat_", r"bk(?:ua|ct|at)_[A-Za-z0-9]{40,64}"),
    ("jfrog_key", "AKCp cmVmdGtu", r"(?:AKCp[A-Za-z0-9]{59,80}|cmVmdGtu[A-Za-z0-9]{56})"),
    ("npm_token", "npm_", r"npm_[A-Za-z0-9]{36}"),
    ("npm_auth", "_auth", r"_auth(?:Token)?[ \t]{0,4}=[ \t]{0,4}\"?([A-Za-z0-9+/=_-]{20,200})"),
    ("pypi_token", "pypi-AgE", r"pypi-AgE[A-Za-z0-9_-]{50,300}"),
    ("rubygems_key", "rubygems_", r"rubygems_[a-f0-9]{48}"),
    ("docker_token", "dckr_", r"dckr_[po]at_[A-Za-z0-9_-]{27,60}"),
    ("crates_token", "cio", r"cio[A-Za-z0-9]{32}"),
    ("nuget_key", "oy2", r"oy2[a-z0-9]{43}"),
    ("clojars_token", "CLOJARS_", r"CLOJARS_[a-z0-9]{60}"),
    ("postman_key", "PMAK-", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    ("sourcegraph_token", "sgp_ slk_", r"(?:sgp_(?:[a-fA-F0-9]{16}_|local_)?[a-fA-F0-9]{40}|slk_[a-f0-9]{64})"),
    ("figma_token", "figd_ figo_", r"fig[do]_[A-Za-z0-9_-]{36,60}"),
    ("contentful_token", "CFPAT-", r"CFPAT-[A-Za-z0-9_-]{43}"),
    ("algolia_admin_key", "ALGOLIA", r"ALGOLIA[A-Z_]{0,20}KEY[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?([a-f0-9]{32})"),
)
_MONEY = (
    ("stripe_key", "k_live_ k_test_ k_prod_", r"[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,247}"),
    ("webhook_secret", "whsec_", r"whsec_[A-Za-z0-9+/]{24,100}={0,2}"),
    ("square_token", "sq0 EAAA", r"(?:sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,43}|EAAA[A-Za-z0-9_-]{60})"),
    ("braintree_token", "access_token$", r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}"),
    ("shopify_token", "shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    ("razorpay_key", "rzp_", r"rzp_(?:live|test)_[A-Za-z0-9]{14,24}"),
    ("plaid_token", "access-", rf"access-(?:sandbox|development|production)-{_UUID}"),
    ("flutterwave_key", "FLWSECK", r"FLWSECK(?:_TEST)?-[a-z0-9]{32}-X"),
    ("lob_key", "live_ test_", r"(?:live|test)_(?:pub_)?[a-f0-9]{35}"),
    ("easypost_key", "EZ", r"EZ[AT]K[A-Za-z0-9]{54}"),
    (
        "adyen_key",
        "AQE",
        r"AQE[A-Za-z0-9]{2}[A-Za-z0-9+/]{60,200}={0,2}-[A-Za-z0-9+/]{30,60}={0,2}-[A-Za-z0-9+/<>,.]{8,24}",
    ),
    ("duffel_token", "duffel_", r"duffel_(?:test|live)_[A-Za-z0-9_=-]{43}"),
)
_MESSAGES = (
    ("slack_token", "xox", r"xox[abeoprsc](?:\.xox[bp])?-[A-Za-z0-9-]{10,250}"),
    ("slack_app_token", "xapp-", r"xapp-\d-[A-Z0-9]{8,16}-\d{8,16}-[a-f0-9]{32,64}"),
    ("slack_webhook", "hooks.slack.com/", r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/]{40,60})"),
    ("discord_token", ".", r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}"),
    ("discord_webhook", "/api/webhooks/", r"/api/webhooks/\d{17,20}/([A-Za-z0-9_-]{60,72})"),
    ("teams_webhook", "webhook.office.com/", r"webhook\.office\.com/webhookb2/([A-Za-z0-9@/-]{60,200})"),
    ("telegram_token", ":AA", r"\d{8,10}:AA[A-Za-z0-9_-]{33}"),
    ("twilio_key", "SK", r"SK[0-9a-fA-F]{32}"),
    ("sendgrid_key", "SG.", r"SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,50}"),
    ("mailgun_key", "key-", r"key-[0-9a-f]{32}"),
    ("mailchimp_key", "-us", r"[0-9a-f]{32}-us\d{1,2}"),
    ("brevo_key", "xkeysib- xsmtpsib-", r"x(?:key|smtp)sib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    ("resend_key", "re_", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}"),
    ("notion_token", "secret_ ntn_", r"(?:secret_[A-Za-z0-9]{43}|ntn_[A-Za-z0-9]{44,48})"),
    ("linear_key", "lin_", r"lin_(?:api|oauth)_[A-Za-z0-9]{40,64}"),
    ("airtable_token", "pat", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    ("asana_token", "/", r"[12]/\d{12,18}(?:/\d{12,18})?:[a-f0-9]{32}"),
    ("dropbox_token", "sl.", r"sl\.(?:u\.)?[A-Za-z0-9_-]{120,1500}"),
    ("typeform_token", "tfp_", r"tfp_[A-Za-z0-9_.-]{40,70}"),
    ("hubspot_token", "pat-", rf"pat-(?:na|eu|ap)\d-{_UUID}"),
    ("mapbox_token", "sk.eyJ", r"sk\.eyJ[A-Za-z0-9_-]{40,200}\.[A-Za-z0-9_-]{20,40}"),
    ("facebook_token", "EAA", r"EAA[A-Za-z0-9]{90,400}"),
    ("twitter_token", "AAAAAAAAAAAAAAAA", r"A{16,24}[A-Za-z0-9%]{60,120}"),
    ("shippo_token", "shippo_", r"shippo_(?:live|test)_[a-fA-F0-9]{40}"),
    ("readme_key", "rdme_", r"rdme_[a-z0-9]{70}"),
    ("settlemint_token", "sm_", r"sm_[aps]at_[A-Za-z0-9]{16}"),
    ("intra42_secret", "s-s4t2", r"s-s4t2(?:ud|af)-[a-f0-9]{64}"),
    ("adobe_secret", "p8e-", r"p8e-[A-Za-z0-9]{32}"),
    ("slack_config_token", "xoxe", r"xoxe\.xox[bp]-\d-[A-Za-z0-9]{140,180}"),
    ("frameio_token", "fio-u-", r"fio-u-[A-Za-z0-9_=-]{64}"),
)
_MODELS = (
    ("anthropic_key", "sk-ant-", r"sk-ant-[a-z]{2,10}\d\d-[A-Za-z0-9_-]{80,120}"),
    ("openrouter_key", "sk-or-", r"sk-or-v1-[a-f0-9]{64}"),
    ("langfuse_key", "sk-lf-", rf"sk-lf-{_UUID}"),
    (
        "openai_key",
        "sk-",
        r"sk-(?:proj-|svcacct-|admin-)?(?=[A-Za-z_-]*\d)(?=[A-Za-z0-9_-]*[A-Za-z0-9]{20})[A-Za-z0-9_-]{30,200}",
    ),
    ("elevenlabs_key", "sk_", r"sk_[a-f0-9]{48}"),
    ("huggingface_token", "hf_ api_org_", r"(?:hf_|api_org_)[A-Za-z0-9]{34,40}"),
    ("replicate_token", "r8_", r"r8_[A-Za-z0-9]{37,40}"),
    ("groq_key", "gsk_", r"gsk_[A-Za-z0-9]{48,56}"),
    ("xai_key", "xai-", r"xai-[A-Za-z0-9_]{60,90}"),
    ("perplexity_key", "pplx-", r"pplx-[A-Za-z0-9]{40,64}"),
    ("fireworks_key", "fw_", r"fw_[A-Za-z0-9]{22,40}"),
    ("together_key", "tgp_v1_", r"tgp_v1_[A-Za-z0-9_-]{40,60}"),
    ("nvidia_key", "nvapi-", r"nvapi-[A-Za-z0-9_-]{60,70}"),
    ("cerebras_key", "csk-", r"csk-[a-z0-9]{40,60}"),
    ("langsmith_key", "lsv2_", r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    ("pinecone_key", "pcsk_", r"pcsk_[A-Za-z0-9_]{60,80}"),
    ("voyage_key", "pa-", r"pa-[A-Za-z0-9_-]{43}"),
    ("tavily_key", "tvly-", r"tvly-(?:dev-|prod-)?[A-Za-z0-9]{30,40}"),
    ("wandb_key", "wandb_v1_", r"wandb_v1_[A-Za-z0-9_]{40,100}"),
    ("anyscale_key", "esecret_", r"esecret_[A-Za-z0-9]{24,40}"),
)
_SHAPES = (
    ("jwt", "eyJ", r"eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,1000}"),
    (
        "jwe",
        "eyJ",
        (r"eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{0,1000}\.[A-Za-z0-9_-]{10,64}\.[A-Za-z0-9_-]{10,4000}"
        r"\.[A-Za-z0-9_-]{10,64}"),
    ),
    # A password in an address, whatever the scheme; the user and the host stay.
    (
        "password_in_url",
        "://",
        (r"[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s:/@\"'`<>{}$]{0,100}:([^\s/@\"'`<>{}$%*][^\s/@\"'`<>{}]{2,199})"
        r"@[^\s@\"'`<>{}$%]"),
    ),
    ("token_in_url", "://", r"https?://([A-Za-z0-9_-]{20,255})@[A-Za-z0-9]"),
    ("bearer_token", "earer", r"[Bb]earer[ \t]{1,4}([A-Za-z0-9_.~+/-]{16,2000}={0,2})"),
    ("basic_credentials", "asic", r"[Bb]asic[ \t]{1,4}([A-Za-z0-9+/]{12,400}={0,2})"),
    (
        "authorization_token",
        "uthorization",
        (r"uthorization[\"']?\]?[ \t]{0,4}[:=,][ \t]{0,4}[\"'`]?(?:[Tt]oken|[Aa]pi[Kk]ey)[ \t]{1,4}"
        r"(?:token=)?[\"']?([A-Za-z0-9_.~+/=-]{16,2000})"),
    ),
    (
        "netrc_password",
        "login password",
        (r"(?:login[ \t]{1,8}[^\s]{1,100}|machine[ \t]{1,8}[^\s]{1,100}|^[ \t]{0,8})[ \t]{1,8}"
        r"password[ \t]{1,8}(\S{4,100})"),
    ),
    ("docker_auth", '"auth"', r"\"auth\"[ \t]{0,4}:[ \t]{0,4}\"([A-Za-z0-9+/]{12,400}={0,2})\""),
    (
        "curl_credentials",
        "-u --user",
        r"curl\b.{0,300}?[ \t](?:-u|--user)[ =]?[\"']?[^\s:\"'$<>]{1,100}:([^\s:\"'$<>{}]{4,100})",
    ),
)  # fmt: skip
FORMATS_BY_AREA = {
    "cloud": _CLOUD,
    "operations": _OPERATIONS,
    "code and build": _CODE_AND_BUILD,
    "money": _MONEY,
    "messages": _MESSAGES,
    "models": _MODELS,
    "shapes": _SHAPES,
}

# A token neither begins nor ends within a word.
_LEFT, _RIGHT = r"(?<![A-Za-z0-9_])", r"(?![A-Za-z0-9_])"
# What begins with a separator, or has bounds of its own.
_BOUNDLESS = frozenset(
    {
        "azure_sas_signature",
        "netrc_password",
        "authorization_token",
        "password_in_url",
        "npm_auth",
        "discord_webhook",
        "teams_webhook",
    }
)
# What a description of it looks like as well, so that the value has to be judged too.
_JUDGES: dict[str, Callable[[str], bool]] = {
    "password_in_url": is_password,
    "token_in_url": is_random,
    "bearer_token": is_random,
    "authorization_token": is_random,
    "npm_auth": is_random,
    "netrc_password": is_password,
    "curl_credentials": is_password,
    "basic_credentials": is_encoded_credentials,
    "docker_auth": is_encoded_credentials,
}


@dataclass(frozen=True, slots=True)
class Format:
    """One format: where one of `anchors` stands, `pattern` decides, and `judge` of the secret where there is one."""

    name: str
    anchors: tuple[str, ...]
    pattern: str
    judge: Callable[[str], bool] | None

    def matches(self, text: str) -> Iterator[tuple[int, int]]:
        """Where secrets of this format stand in `text`."""
        if any(anchor in text for anchor in self.anchors):
            for match in _compiled(self.pattern).finditer(text):
                group = 1 if match.re.groups else 0
                if self.judge is None or self.judge(match[group]):
                    yield match.span(group)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled where it is first needed: all of them would take 60 ms."""
    return re.compile(pattern, re.MULTILINE)


def _format(name: str, anchors: str, pattern: str) -> Format:
    bounded = pattern if name in _BOUNDLESS else f"{_LEFT}{pattern}{_RIGHT}"
    return Format(name, tuple(anchors.split()), bounded, _JUDGES.get(name))


FORMATS = tuple(_format(*line) for table in FORMATS_BY_AREA.values() for line in table)
# How tokens begin: what has no digit by chance is known by this.
BEGINNINGS = frozenset(anchor[:3] for each in FORMATS for anchor in each.anchors if len(anchor) >= 3)  # noqa: PLR2004 - as cut
