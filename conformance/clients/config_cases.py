"""Cases for `config_matrix.py`, made from a seed: two shared files, variables, and the profile that
code names, written in all the ways that people write them, and now and then wrong."""

import random

REGIONS = [
    "us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-7",
    "mx-central-1", "cn-north-1", "cn-northwest-1", "us-gov-west-1", "us-iso-east-1",
    "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1", "eusc-de-east-1", "us-west-9", "aws-global",
]  # fmt: skip
URLS = [
    "https://a.example", "https://b.example:8443", "https://c.example/prefix",
    "http://localhost:4566", "http://127.0.0.1:8080/p", "http://[::1]:9000", "https://d.example/x/y",
]  # fmt: skip
PROFILES = ["default", "dev", "prod", "a.b/c@d:e+f%-_", "Dev", "x"]
SERVICES = ["local", "other"]


class Case:
    """Two files as lists of sections, the variables, and the profile that code names.

    A section is [kind, name, properties, style]; a property [name, value, style], where a value
    that is a list is sub-properties or, as a tuple, a text of several lines.
    """

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.traits = set()
        self.config = self.file(self.config_section) if self.chance(0.9) else None
        self.credentials = self.file(self.credentials_section) if self.chance(0.7) else None
        self.newline = self.pick(["\n", "\n", "\n", "\r\n"])
        self.bom = self.chance(0.02)
        self.variables = self.environment()
        self.code_profile = self.pick(PROFILES) if self.chance(0.1) else None
        if self.chance(0.85):
            self.complete()
        self.moved = {name for name in ("config", "credentials") if self.chance(0.1)}

    def complete(self):
        """Puts in what a call needs: the profile, the sections it names, a region, a key."""
        name = self.code_profile or self.variables.get("AWS_PROFILE")
        name = name or self.variables.get("AWS_DEFAULT_PROFILE", "default")
        if name not in PROFILES:
            name = self.variables["AWS_PROFILE"] = self.pick(PROFILES)
        self.config = self.config or []
        self.credentials = self.credentials or []
        profile = ["profile", name, [], self.style()]
        self.config.insert(self.r.randint(0, len(self.config)), profile)
        if self.chance(0.9):
            profile[2].append(self.property("region", self.region()))
        if self.chance(0.5):
            profile[2] += self.properties()
        if self.chance(0.6):
            self.credentials.append(["plain", name, self.keys(), self.style()])
        else:
            profile[2] += self.keys()
        for services in SERVICES:
            self.config.append(["services", services, self.services(), self.style()])

    def chance(self, p):
        return self.r.random() < p

    def pick(self, choices):
        return self.r.choice(choices)

    def file(self, section):
        return [section() for _ in range(self.r.randint(0, 5))]

    def config_section(self):
        kind = self.pick(["profile"] * 6 + ["services"] * 2 + ["other"])
        if kind == "services":
            return [kind, self.pick(SERVICES), self.services(), self.style()]
        if kind == "other":
            header = self.pick(
                ["dev", "plugins", "profilex", "profiles dev", "profile in valid", "profile dev!",
                 "sso-session x", "sso-sesion dev", "preview", "Profile dev", "services", "profile"]
            )  # fmt: skip
            return [kind, header, self.properties(), self.style()]
        name = self.pick(PROFILES)
        if name == "default" and self.chance(0.7):
            kind = "plain"
        return [kind, name, self.properties(), self.style()]

    def credentials_section(self):
        if self.chance(0.1):
            name = self.pick(["profile dev", "in valid", "sso-session x"])
            return ["other", name, self.keys(), self.style()]
        properties = self.keys()
        if self.chance(0.15):
            properties += self.properties()
        return ["plain", self.pick(PROFILES), properties, self.style()]

    def style(self):
        return {
            "spaces": self.chance(0.05),
            "comment": self.chance(0.1),
            "tab": self.chance(0.1),
            "quotes": self.chance(0.05),
            "indent": self.chance(0.1),
            "before": self.pick(["", "", "", "\n", "# comment\n", "; comment\n\n"]),
        }

    def property(self, name, value):
        style = {
            "equals": self.pick([" = ", "=", "\t=\t", "= ", " ="]),
            "upper": self.chance(0.05),
            "comment": self.chance(0.05) and isinstance(value, str),
            "tail": self.pick(["", "", "  ", "\t"]),
            "before": self.pick([""] * 8 + ["\n", "# comment = x\n", " \t\n", "  # indented\n"]),
        }
        return [name, value, style]

    def services(self):
        properties = []
        for service in ("s3", "amplifybackend", "dynamodb"):
            if self.chance(0.6):
                subs = [["endpoint_url", self.url()]] if self.chance(0.8) else []
                subs.insert(self.r.randint(0, len(subs)), ["other", "x = y"])
                properties.append(self.property(service, subs))
        return properties or [self.property("s3", [["other", "1"]])]

    def properties(self):
        makers = {
            "region": (0.6, self.region),
            "endpoint_url": (0.2, self.url),
            "services": (0.2, lambda: self.pick(SERVICES)),
            "ignore_configured_endpoint_urls": (0.1, self.boolean),
            "use_fips_endpoint": (0.1, self.boolean),
            "use_dualstack_endpoint": (0.1, self.boolean),
            "max_attempts": (0.15, self.attempts),
            "retry_mode": (0.1, self.mode),
            "sdk_ua_app_id": (0.1, self.app),
            "output": (0.3, lambda: self.pick(["json", "table", ("json", "more", "lines")])),
            "s3": (0.2, lambda: [["max_concurrent_requests", "20"], ["addressing_style", "path"]]),
            "in valid": (0.05, lambda: "x"),
        }
        chosen = [
            self.property(name, make()) for name, (p, make) in makers.items() if self.chance(p)
        ]
        if self.chance(0.3):
            chosen += self.keys()
        self.r.shuffle(chosen)
        if chosen and self.chance(0.04):
            name, value, _ = self.pick(chosen)
            again = {"region": "us-east-1", "aws_access_key_id": "AKIDTWICE"}
            chosen.append(self.property(name, again.get(name, value)))
        if self.chance(0.01):
            self.traits.add("colon")
            chosen.append(["colon", "x", None])
        return chosen

    def keys(self):
        keys = []
        if self.chance(0.92):
            keys.append(self.property("aws_access_key_id", f"AKID{self.r.randint(0, 10**8)}"))
        if self.chance(0.92):
            keys.append(self.property("aws_secret_access_key", "secret/of+the/case="))
        if self.chance(0.3):
            keys.append(self.property("aws_session_token", "token=="))
        self.r.shuffle(keys)
        return keys

    def region(self):
        return self.maybe_odd(0.03, self.pick(REGIONS), {
            "typing error": "us-esat-1", "upper case": "EU-WEST-1", None: "",
        })  # fmt: skip

    def url(self):
        return self.maybe_odd(0.04, self.pick(URLS), {
            "clear text": "http://far.example", "query": "https://q.example/?x=y", None: "",
        })  # fmt: skip

    def boolean(self):
        good = self.pick(["true", "false", "True", "FALSE"])
        return self.maybe_odd(0.05, good, {"boolean": self.pick(["yes", "1", "no"]), None: ""})

    def attempts(self):
        return self.maybe_odd(0.06, str(self.r.randint(1, 9)), {
            "attempts": self.pick(["0", "-1"]), "both refuse": "many",
        })  # fmt: skip

    def mode(self):
        good = self.pick(["standard", "legacy", "adaptive"])
        return self.maybe_odd(0.06, good, {"mode": "none", None: ""})

    def app(self):
        return self.pick(["app", "my-app.1", "x"])

    def maybe_odd(self, p, good, odd):
        if not self.chance(p):
            return good
        trait, value = self.pick(list(odd.items()))
        if trait:
            self.traits.add(trait)
        return value

    def environment(self):
        makers = {
            "AWS_PROFILE": (0.4, lambda: self.pick(PROFILES + ["none", "dev!", ""])),
            "AWS_DEFAULT_PROFILE": (0.05, lambda: self.pick(PROFILES)),
            "AWS_REGION": (0.1, self.region),
            "AWS_DEFAULT_REGION": (0.25, self.region),
            "AWS_ENDPOINT_URL": (0.1, self.url),
            "AWS_ENDPOINT_URL_AMPLIFYBACKEND": (0.1, self.url),
            "AWS_ENDPOINT_URL_S3": (0.1, self.url),
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": (0.07, self.boolean),
            "AWS_USE_FIPS_ENDPOINT": (0.07, self.boolean),
            "AWS_USE_DUALSTACK_ENDPOINT": (0.07, self.boolean),
            "AWS_MAX_ATTEMPTS": (0.1, self.attempts),
            "AWS_RETRY_MODE": (0.05, self.mode),
            "AWS_SDK_UA_APP_ID": (0.05, self.app),
            "AWS_ACCESS_KEY_ID": (0.25, lambda: self.pick(["AKIDENV", "AKIDENV", ""])),
            "AWS_SECRET_ACCESS_KEY": (0.2, lambda: "secret"),
            "AWS_SESSION_TOKEN": (0.05, lambda: "token"),
        }
        chosen = {name: make() for name, (p, make) in makers.items() if self.chance(p)}
        # Mostly a whole key or none.
        if self.chance(0.8) and "AWS_ACCESS_KEY_ID" in chosen:
            chosen.setdefault("AWS_SECRET_ACCESS_KEY", "secret")
        return chosen


def text(sections, case):
    """A file as the case writes it."""
    lines = []
    for kind, name, properties, style in sections:
        if style["quotes"] and kind in ("profile", "services"):
            name = f'"{name}"'
        space = "\t" if style["tab"] else " "
        header = name if kind in ("plain", "other") else kind + space + name
        if style["spaces"]:
            header = f"  {header}\t"
        comment = "  # comment" if style["comment"] else ""
        indent = "  " if style["indent"] else ""
        lines.append(f"{style['before']}[{header}]{comment}\n")
        for name, value, how in properties:
            if how is None:
                lines.append(f"{indent}{name} : {value}\n")
                continue
            name = name.upper() if how["upper"] else name
            start = f"{how['before']}{indent}{name}{how['equals']}"
            if isinstance(value, list):
                subs = "".join(f"{indent}  {sub} = {of}\n" for sub, of in value)
                lines.append(f"{start}\n{subs}")
            else:
                value = f"\n{indent}    ".join([value] if isinstance(value, str) else value)
                comment = " # comment" if how["comment"] else ""
                lines.append(f"{start}{value}{comment}{how['tail']}\n")
    return ("\ufeff" if case.bom else "") + "".join(lines).replace("\n", case.newline)
