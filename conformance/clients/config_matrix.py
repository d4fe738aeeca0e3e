#!/usr/bin/env python3
"""The same files and variables give the same region, endpoint, key id, attempts and application
name as botocore.

Makes cases from a fixed seed, has botocore and the example `configured` sign a request in each, and
compares what they sent. Where botocore departs from the cases that AWS's SDKs share, or from what
this project promises, a case is either put to it in words that it knows (TRANSLATIONS) or our
refusal is expected (REFUSALS); each has its reason, and the summary counts them.

    conformance/clients/config_matrix.py [--cases N] [--seed N] [--show N]
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

# Nothing is written beside the sources.
sys.dont_write_bytecode = True
import packages
from config_cases import Case, text

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# What a case says in a way that botocore understands otherwise, and is put to botocore as the
# shared cases mean it. `theirs` does it, and counts.
TRANSLATIONS = {
    "comment": "shared cases: `name = value # comment` ends before the comment; botocore keeps it",
    "spaces": "shared cases: `[  profile x  ]` is profile x; botocore passes it over",
    "twice": "shared cases: a section or property that stands twice is merged; botocore refuses",
    "default": "shared cases: [profile default] goes before [default]; for botocore the last counts",
    "prefix": "shared cases: `[profiles x]` is nothing; botocore takes it for profile x",
    "name": "shared cases: `[profile x!]` is nothing; botocore takes it for profile x!",
    "merge": "shared cases: key and secret may stand in different files; botocore wants one file",
    "bom": "a byte order mark is passed over; botocore refuses the file",
    "empty": "an empty value counts as unset everywhere; botocore takes most for a value",
    "AWS_REGION": "AWS CLI 2 and the SDKs: AWS_REGION goes before "
    "AWS_DEFAULT_REGION; botocore does not read it",
    "AWS_PROFILE": "AWS CLI 2: AWS_PROFILE goes before AWS_DEFAULT_PROFILE; in botocore after it",
}

# What we refuse and botocore takes, each with what our error says. Expected where the case has it
# and the error names it; a case that has it and is taken must give the same as botocore.
REFUSALS = {
    "colon": ("expected an '=' sign", "shared cases: `name : value` is refused"),
    "boolean": ("is not true or false", "botocore takes what is not `true` for false, FIPS too"),
    "attempts": ("is not a number of attempts", "botocore takes 0 and negative numbers"),
    "mode": ("is not one of standard", "botocore does not retry in a mode that is none"),
    "clear text": ("http:// and not on this machine", "this project: http:// is for this machine"),
    "typing error": ("there is no region", "this project: a typing error in a region is refused"),
    "upper case": ("is not a region", "this project: a region is in lower case"),
    "exclusive": (
        "exclude each other",
        "shared endpoint cases: FIPS or dual-stack with a custom endpoint is refused; botocore "
        "leaves both out then",
    ),
    "query": ("has a query", "this project: a query in an endpoint is refused"),
}

# What botocore refuses and we take.
THEIR_REFUSALS = {
    "EndpointVariantError": "shared endpoint cases: partitions.json has a dual-stack suffix for "
    "every partition; botocore looks into an older table as well, which lacks some",
}


def theirs(case, used):
    """The same case for botocore: the two files as text, and the variables."""
    config = profiles(case.config, used, in_config=True)
    credentials = profiles(case.credentials, used, in_config=False)
    keys = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    for name, properties in (credentials or {}).items():
        apart = {key: (config or {}).get(f"profile {name}", {}).get(key) for key in keys}
        for key, value in apart.items():
            if value is not None and key not in properties:
                used["merge"] += 1
                properties[key] = value
    variables = {name: value for name, value in case.variables.items() if value}
    used["empty"] += len(variables) < len(case.variables)
    if "AWS_REGION" in variables:
        used["AWS_REGION"] += 1
        variables["AWS_DEFAULT_REGION"] = variables.pop("AWS_REGION")
    if "AWS_PROFILE" in variables and variables.pop("AWS_DEFAULT_PROFILE", None):
        used["AWS_PROFILE"] += 1
    used["bom"] += case.bom
    return plain(config), plain(credentials), variables


def profiles(sections, used, in_config):
    """The sections that mean something, merged, with their properties."""
    if sections is None:
        return None
    merged = {}
    prefixed = any(kind == "profile" and name == "default" for kind, name, _, _ in sections)
    for kind, name, properties, style in sections:
        if kind == "other":
            used["prefix"] += name == "profiles dev"
            used["name"] += name == "profile dev!"
            continue
        if in_config and kind == "plain" and prefixed:
            used["default"] += 1
            continue
        used["spaces"] += style["spaces"]
        header = f"services {name}" if kind == "services" else f"profile {name}"
        used["twice"] += header in merged
        into = merged.setdefault(header if in_config else name, {})
        for name, value, how in properties:
            if how is None:
                into["colon"] = value
                continue
            used["comment"] += how["comment"]
            used["twice"] += name in into
            into[name] = value
    for properties in merged.values():
        for name in [name for name, value in properties.items() if value == ""]:
            used["empty"] += 1
            del properties[name]
    return merged


def plain(sections):
    if sections is None:
        return None
    lines = []
    for header, properties in sections.items():
        lines.append(f"[{header}]")
        for name, value in properties.items():
            if isinstance(value, list):
                lines.append(f"{name} =")
                lines += [f"  {sub} = {of}" for sub, of in value]
            else:
                lines.append(f"{name} = " + "\n  ".join([value] if isinstance(value, str) else value))
    return "\n".join(lines) + "\n"


class Botocore:
    """Answers as `configured` does, or with the kind of error."""

    KINDS = {
        "ProfileNotFound": "profile", "NoRegionError": "no region", "ConfigParseError": "file",
        "InvalidConfigError": "services", "NoCredentialsError": "credentials",
        "PartialCredentialsError": "credentials", "EndpointProviderError": "endpoint",
        "InvalidRegionError": "value", "ValueError": "value", "InvalidRetryModeError": "value",
        "InvalidMaxRetryAttemptsError": "value",
    }  # fmt: skip

    def __init__(self):
        from botocore.hooks import HierarchicalEmitter
        from botocore.session import Session

        # Made once for all cases: its data files, and its handlers, which take most of the time.
        self.handlers = HierarchicalEmitter()
        self.loader = Session(event_hooks=self.handlers).get_component("data_loader")

    def ask(self, profile):
        from botocore.awsrequest import AWSResponse
        from botocore.session import Session

        sent = []

        def answer(request, **_):
            sent.append(request)
            return AWSResponse(request.url, 200, {}, Empty())

        try:
            session = Session(
                profile=profile, event_hooks=self.handlers, include_builtin_handlers=False
            )
            session.register_component("data_loader", self.loader)
            client = session.create_client("amplifybackend")
            client.meta.events.register("before-send", answer)
            client.list_s3_buckets()
        except Exception as error:
            name = type(error).__name__
            return {"error": self.KINDS.get(name, name), "text": f"{name}: {error}"}
        (request,) = sent
        scope = request.headers["Authorization"].decode().split("Credential=")[1].split("/")
        config = client.meta.config
        return {
            "region": scope[2],
            "url": request.url,
            "key_id": scope[0],
            "max_attempts": config.retries.get("total_max_attempts"),
            "app": config.user_agent_appid,
        }


class Empty:
    def stream(self, **_):
        yield b"{}"


# What our errors say, and what kind of error botocore has for it.
OUR_KINDS = [
    ("no credentials for", "credentials"),
    ("there is no profile", "profile"),
    ("no region is set", "no region"),
    ("a shared configuration file cannot be used", "file"),
    ("there is no section [services", "services"),
    ("exclude each other", "endpoint"),
    ("is not valid", "value"),
]


def compare(case, ours, botocore):
    """How the two compare, in a word; ValueError where they differ and may not."""
    if "error" in ours:
        traits = case.traits & REFUSALS.keys()
        if "url" in botocore and ".amazon" not in botocore["url"]:
            traits.add("exclusive")
        for trait in sorted(traits):
            if REFUSALS[trait][0] in ours["error"]:
                return trait
        kind = next((kind for text, kind in OUR_KINDS if text in ours["error"]), "unknown")
        if "error" not in botocore:
            raise ValueError(f"ours refuses ({kind})")
        # Of two faults, each may come upon another first.
        same = kind == botocore["error"]
        return "refused the same" if same else f"{kind} here, {botocore['error']} there"
    if botocore.get("error") in THEIR_REFUSALS:
        return botocore["error"]
    if "error" in botocore:
        raise ValueError(f"botocore refuses ({botocore['error']})")
    # Where nobody sets it, botocore tells nothing, and we what it is.
    if botocore["max_attempts"] is None:
        botocore["max_attempts"] = 3
    different = [name for name, value in botocore.items() if ours[name] != value]
    if different:
        raise ValueError(f"different: {', '.join(different)}")
    return "signed the same"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("--cases", type=int, default=1800)
    arguments.add_argument("--seed", type=int, default=20200811)
    arguments.add_argument("--show", type=int, default=5, help="how many differences to print")
    arguments = arguments.parse_args()

    program = build()
    botocore = Botocore()
    used, outcomes = collections.Counter(), collections.Counter()
    differences = []
    with tempfile.TemporaryDirectory() as home:
        home = pathlib.Path(home)
        (home / ".aws").mkdir()
        (home / "moved").mkdir()
        answers = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        for number in range(arguments.cases):
            case = Case(f"{arguments.seed}/{number}")
            paths = {
                "config": home / ("moved" if "config" in case.moved else ".aws") / "config",
                "credentials": home / ("moved" if "credentials" in case.moved else ".aws") / "keys",
            }
            if "credentials" not in case.moved:
                paths["credentials"] = home / ".aws" / "credentials"
            common = {"HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true"}
            if "config" in case.moved:
                common["AWS_CONFIG_FILE"] = str(paths["config"])
            if "credentials" in case.moved:
                common["AWS_SHARED_CREDENTIALS_FILE"] = "~/moved/keys"
            files = {"config": case.config, "credentials": case.credentials}
            files = {
                str(paths[name]): text(sections, case)
                for name, sections in files.items()
                if sections is not None
            }
            question = {
                "files": files,
                "environment": case.variables | common,
                "profile": case.code_profile,
            }
            answers.stdin.write(json.dumps(question) + "\n")
            answers.stdin.flush()
            ours = json.loads(answers.stdout.readline())

            # Some with real files and variables too.
            if number % 50 == 0:
                write(files, paths)
                of_process = subprocess.run(
                    [program, "process"], input=json.dumps(question) + "\n", text=True,
                    env=question["environment"], stdout=subprocess.PIPE, check=True,
                )  # fmt: skip
                if json.loads(of_process.stdout) != ours:
                    differences.append((number, question, ours, of_process.stdout, "process"))

            config, credentials, variables = theirs(case, used)
            texts = {str(paths["config"]): config, str(paths["credentials"]): credentials}
            write({path: text for path, text in texts.items() if text is not None}, paths)
            kept = dict(os.environ)
            os.environ.clear()
            os.environ.update(variables | common)
            answer = botocore.ask(case.code_profile)
            os.environ.clear()
            os.environ.update(kept)

            try:
                outcomes[compare(case, ours, answer)] += 1
            except ValueError as difference:
                differences.append((number, question, ours, answer, difference))
        answers.stdin.close()
        answers.wait()

    for number, question, ours, answer, difference in differences[: arguments.show]:
        print(f"case {number}: {difference}")
        for path, content in question["files"].items():
            print(f"--- {path}\n{content}")
        print(question["environment"], question["profile"])
        print(f"ours:     {ours}\nbotocore: {answer}\n")
    print(f"{arguments.cases} cases, {len(differences)} different")
    for name, count in outcomes.most_common():
        reason = THEIR_REFUSALS.get(name) or REFUSALS.get(name, (None, ""))[1]
        print(f"{count:6} {name}{': ' if reason else ''}{reason}")
    print("put to botocore in other words:", {name: used[name] for name in TRANSLATIONS})
    idle = [name for name in TRANSLATIONS if not used[name]]
    idle += [name for name in REFUSALS | THEIR_REFUSALS if not outcomes[name]]
    if idle:
        print("no case shows", ", ".join(idle), "- take it out, or make cases that have it")
    few = outcomes["signed the same"] < 1000
    if few:
        print("fewer than 1,000 cases end in a signed request")
    sys.exit(bool(differences or idle or few))


def write(files, paths):
    for path in paths.values():
        path.unlink(missing_ok=True)
    for path, content in files.items():
        pathlib.Path(path).write_text(content, encoding="utf-8", newline="")


def build():
    """Builds the program that answers for us, and says where it is."""
    cargo = [
        "cargo", "build", "--locked", "--quiet", "--package", "amplify-backend-conformance",
        "--example", "configured", "--message-format", "json",
    ]  # fmt: skip
    built = subprocess.run(cargo, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    messages = map(json.loads, built.stdout.splitlines())
    return next(
        message["executable"]
        for message in messages
        if message.get("executable") and message["target"]["name"] == "configured"
    )


if __name__ == "__main__":
    packages.enter()
    main()
