"""`configure` without a person to ask: what it prints, and the files that it leaves. Version 2 of `aws` has more of it."""

from .case import Case

CONFIG = """# mine
[default]
region = us-west-2
s3 =
    max_concurrent_requests = 20
[profile dev]
region = eu-west-1
[profile "two words"]
region = eu-west-2
[services loc]
ivs_realtime =
  endpoint_url = http://a
[sso-session my]
sso_region = us-east-1
"""
KEYS = """[default]
aws_access_key_id = AKIDdefault
aws_secret_access_key = s
[other]
aws_access_key_id = AKIDother
aws_secret_access_key = s
aws_session_token = t
"""
CSV = "User name,Password,Access key ID,Secret access key\nbob,pw,AKIDbob,sb\nann,,AKIDann,sa\n"

FILES = {".aws/config": CONFIG, ".aws/credentials": KEYS}
NO_KEYS = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_DEFAULT_REGION": None}


def case(name, words, files=None, env=None, writes=""):
    files = FILES if files is None else files
    return Case(f"configure/{name}", ("configure", *words), (), {**NO_KEYS, **(env or {})}, files, endpoint=False, writes=writes)


def all_cases():
    return [made for make in (exports, processes, imports, shown, changed) for made in make()]


def exports():
    """Credentials for other programs."""
    export = ("export-credentials",)
    for layout in ("process", "env", "env-no-export", "powershell", "windows-cmd", "fish", "bash"):
        words = (*export, "--format", layout)
        yield case(f"export/{layout}", words)
        yield case(f"export-token/{layout}", (*words, "--profile", "other", "--query", "x", "--output", "table"))
    keys = {"AWS_ACCESS_KEY_ID": "AKIDenv", "AWS_SECRET_ACCESS_KEY": "s"}
    for name, (words, env) in {
        "usual": ((), {}),
        "short": (("--form=env",), {}),
        "no-format": (("--format",), {}),
        "too-much": (("x", "--y"), {}),
        "environment": ((), {**keys, "AWS_SESSION_TOKEN": "t"}),
        "ends": (("--format", "env"), {**keys, "AWS_CREDENTIAL_EXPIRATION": "2199-01-02T03:04:05Z"}),
        "has-ended": ((), {**keys, "AWS_CREDENTIAL_EXPIRATION": "2009-01-02T03:04:05Z"}),
        "ends-sometime": ((), {**keys, "AWS_CREDENTIAL_EXPIRATION": "sometime"}),
        "half": ((), {"AWS_ACCESS_KEY_ID": "AKIDenv"}),
        "loop": ((), {"_AWS_CLI_PROFILE_CHAIN": 'a,"b, ""c""",default'}),
        "chain-of-another": ((), {"_AWS_CLI_PROFILE_CHAIN": "a,b,c"}),
        "chain-too-long": ((), {"_AWS_CLI_PROFILE_CHAIN": "a,b,c,d"}),
    }.items():
        yield case(f"export/{name}", (*export, *words), env=env)
    yield case("export/none", export, {})


def processes():
    """Programs that are asked for credentials."""
    for name, command in {
        "plain": "echo '{\"Version\": 1, \"AccessKeyId\": \"AKIDp\", \"SecretAccessKey\": \"s\"}'",
        "unicode": "echo '{\"Version\": 1, \"AccessKeyId\": \"é\\\"\", \"SecretAccessKey\": \"s\", \"SessionToken\": \"t\"}'",
        "ends": "echo '{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"s\", \"Expiration\": \"2199-01-02T03:04:05.5Z\"}'",
        "has-ended": "echo '{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"s\", \"Expiration\": \"2009-01-02T03:04:05Z\"}'",
        "ends-sometime": "echo '{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"s\", \"Expiration\": \"sometime\"}'",
        "version": "echo '{\"Version\": 2}'",
        "no-version": "echo '{}'",
        "incomplete": "echo '{\"Version\": 1}'",
        "not-json": "echo nonsense",
        "fails": "sh -c 'echo why >&2; exit 3'",
        "not-there": "no-such-program x",
        "chain": "sh -c 'echo $_AWS_CLI_PROFILE_CHAIN >&2; exit 3'",
    }.items():
        files = {".aws/config": f"[profile p]\ncredential_process = {command}\n"}
        yield case(f"process/{name}", ("export-credentials", "--profile", "p"), files)


def imports():
    """Keys that the console gives."""
    files = {
        "plain.csv": CSV, "mark.csv": "\ufeff" + CSV, "breaks.csv": CSV.replace("\n", "\r\n"), "empty.csv": "", "header.csv": CSV.split("\n")[0],
        "holes.csv": CSV.replace("AKIDbob", ""), "blank.csv": CSV.replace("\n", "\n\n"), "less.csv": "User name,Access key ID\na,b\n",
        "odd.csv": " USER NAME , secret access key,ACCESS KEY ID \n a b , s , k \n", "quotes.csv": CSV.replace("bob", '"bob"'),
    }  # fmt: skip
    for name in files:
        for more in ((), ("--skip-invalid",), ("--profile-prefix", "x-")):
            words = ("import", "--csv", f"file://{name}", *more)
            yield case(f"import/{name}{''.join(more)}", words, files, writes=".aws/credentials")
    again = {**files, ".aws/credentials": "# c\n[bob]\naws_access_key_id = old\n# d\naws_session_token = t\n[zed]\na = b"}
    yield case("import/again", ("import", "--csv", "file://plain.csv"), again, writes=".aws/credentials")
    for name, words in {
        "text": ("--csv", CSV), "no-prefix": ("--csv", "plain.csv"), "not-there": ("--csv", "file://nope"), "nothing": (),
        "no-value": ("--csv",), "too-much": ("--csv", "file://plain.csv", "x"), "no-header": ("--csv", "x"),
    }.items():  # fmt: skip
        yield case(f"import/{name}", ("import", *words), files, writes=".aws/credentials")


def shown():
    """What is in the files."""
    for name in (
        "region", "s3", "s3.max_concurrent_requests", "s3.nope", "nope", "aws_access_key_id", "default.region", "dev.region",
        "profile.dev.region", "other.aws_session_token", "profile.two words.region", "profile.nope.region", "a.b.c.d",
    ):  # fmt: skip
        yield case(f"get/{name}", ("get", name))
        yield case(f"get-of-dev/{name}", ("get", name, "--profile", "dev"))
    for name, words in {
        "services": ("get", "ivs_realtime.endpoint_url", "--services", "loc"),
        "services-section": ("get", "ivs_realtime", "--services", "loc"),
        "session": ("get", "sso_region", "--sso-session", "my"),
        "session-not-there": ("get", "sso_region", "--sso-session", "nope"),
        "both": ("get", "x", "--sso-session", "my", "--services", "loc"),
        "nothing": ("get",),
        "option": ("get", "--nope"),
        "too-much": ("get", "region", "x"),
        "profile-not-there": ("get", "region", "--profile", "nope"),
        "profiles": ("list-profiles",),
        "profiles-too-much": ("list-profiles", "x"),
        "list": ("list",),
        "list-other": ("list", "--profile", "other"),
        "list-not-there": ("list", "--profile", "nope"),
        "list-too-much": ("list", "x"),
        "unknown": ("lits",),
        "unknown-option": ("--nope",),
    }.items():
        yield case(f"show/{name}", words)
    yield case("show/list-nothing", ("list",), {})
    broken = {".aws/config": "[default]\nrole_arn = arn:aws:iam::1:role/r\n"}
    yield case("show/list-broken", ("list",), broken)


def changed():
    """What is written, and where."""
    for name, words in {
        "value": ("region", "a"), "new": ("output", "json"), "profile": ("region", "a", "--profile", "dev"),
        "new-profile": ("region", "a", "--profile", "fresh one"), "by-name": ("profile.dev.region", "a"), "of-default": ("default.region", "a"),
        "nested": ("s3.max_concurrent_requests", "5"), "nested-new": ("s3.other", "5"), "nested-first": ("x.y", "5"),
        "services": ("connect.endpoint_url", "http://z", "--services", "loc"), "services-new": ("connect.endpoint_url", "u", "--services", "more"),
        "session": ("sso_region", "a", "--sso-session", "my"), "option": ("region", "-x"), "no-value": ("region",), "nothing": (),
        "too-much": ("a", "b", "c"), "lines": ("region", "a\nb"), "empty": ("region", ""),
    }.items():  # fmt: skip
        yield case(f"set/{name}", ("set", *words), writes=".aws/config")
    for name, words in {"key": ("aws_access_key_id", "K"), "token": ("aws_session_token", "T", "--profile", "fresh")}.items():
        yield case(f"set/{name}", ("set", *words), writes=".aws/credentials")
    yield case("set/first", ("set", "region", "a"), {}, writes=".aws/config")
