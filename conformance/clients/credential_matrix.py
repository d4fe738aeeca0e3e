#!/usr/bin/env python3
"""The same files and variables give the same credentials as botocore, whoever gives them.

Makes cases from a fixed seed: which of the sources are set up in the environment, in the profile and
in the profiles that its role starts from. STS, SSO, the container and the metadata service are one
server here, which names each key after the source, and that of a role after who signed for it as
well. Both are asked for the key; it has to be the same, or none for both.

    conformance/clients/credential_matrix.py [--cases N] [--seed N] [--show N]
"""

import argparse
import collections
import http.server
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import urllib.parse

# Nothing is written beside the sources.
sys.dont_write_bytecode = True
import config_matrix
import packages

LATER = "2090-01-01T00:00:00Z"
# The SHA-1 of the start URL below.
SSO_TOKEN = "e8be5486177c5b5392bd9aa76563515b29358e6e.json"
START_URL = "https://example.awsapps.com/start"


class Machine(http.server.BaseHTTPRequestHandler):
    """STS, SSO, a container and the metadata service."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        form = self.rfile.read(int(self.headers["content-length"])).decode()
        fields = dict(urllib.parse.parse_qsl(form))
        action = fields["Action"]
        if action == "AssumeRole":
            signer = self.headers["authorization"].split("Credential=")[1].split("/")[0]
            key = f"{fields['RoleArn'].rsplit('/')[-1]}of{signer}"
        else:
            key = f"WEB{fields['WebIdentityToken']}"
        self.answer(
            f"<{action}Response><{action}Result><Credentials><AccessKeyId>{key}</AccessKeyId>"
            f"<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
            f"<Expiration>{LATER}</Expiration></Credentials></{action}Result></{action}Response>"
        )

    def do_PUT(self):
        self.answer("token")

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/federation/credentials":
            role = dict(urllib.parse.parse_qsl(query))["role_name"]
            keys = {"accessKeyId": f"SSO{role}", "secretAccessKey": "s", "sessionToken": "t"}
            self.answer(json.dumps({"roleCredentials": keys | {"expiration": 3786912000000}}))
        elif path == "/imds/latest/meta-data/iam/security-credentials/":
            self.answer("role")
        else:
            key = "CONTAINER" if path == "/keys" else "INSTANCE"
            keys = {"AccessKeyId": key, "SecretAccessKey": "s", "Token": "t", "Expiration": LATER}
            self.answer(json.dumps(keys | {"Code": "Success"}))

    def answer(self, text):
        self.send_response(200)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


class Case:
    """Two files, the variables, and the profile that code names."""

    def __init__(self, seed, home, url):
        self.r = random.Random(seed)
        self.home = home
        self.config = ["[default]", "region = us-east-1"]
        self.credentials = []
        self.set_up = []
        self.variables = {
            "HOME": str(home),
            "AWS_ENDPOINT_URL_STS": url,
            "AWS_ENDPOINT_URL_SSO": url,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"{url}/imds/",
        }
        self.code_profile = "default" if self.chance(0.1) else None
        if self.chance(0.3):
            self.there("environment")
            self.variables["AWS_ACCESS_KEY_ID"] = "VARIABLE"
            if self.chance(0.9):
                self.variables["AWS_SECRET_ACCESS_KEY"] = "s"
        if self.chance(0.2):
            self.there("web identity")
            self.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = str(home / "token")
            self.variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/WEBROLE"
        if self.chance(0.5):
            self.there("container")
            self.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"{url}/keys"
        if self.chance(0.3):
            self.there("no instance")
            self.variables["AWS_EC2_METADATA_DISABLED"] = self.r.choice(["true", "TRUE"])
        self.profile("default", 0)

    def chance(self, share):
        return self.r.random() < share

    def there(self, source):
        self.set_up.append(source)

    def profile(self, name, depth):
        """Sets up what the profile's section, which is the last one, has."""
        section, after = [], []
        share = 0.25 if depth == 0 else 0.4
        if depth < 3 and self.chance(0.4):
            self.there(f"{depth} role")
            section.append(f"role_arn = arn:aws:iam::1:role/R{depth}")
            start = self.r.choice(["profile"] * 6 + ["source", "source", "itself", "circle", "no"])
            if start == "profile":
                section.append(f"source_profile = p{depth + 1}")
                after.append(depth + 1)
            elif start == "source":
                source = self.r.choice(["Environment", "EcsContainer", "Ec2InstanceMetadata", "X"])
                section.append(f"credential_source = {source}")
            elif start != "no":
                section.append(f"source_profile = {name if start == 'itself' else 'default'}")
        if self.chance(share):
            self.there(f"{depth} web identity")
            section.append(f"web_identity_token_file = {self.home / 'token'}")
            if self.chance(0.9) and not any(line.startswith("role_arn") for line in section):
                section.append(f"role_arn = arn:aws:iam::1:role/W{depth}")
        if self.chance(share):
            self.there(f"{depth} SSO")
            section += [f"sso_start_url = {START_URL}", "sso_region = us-east-1"]
            section += ["sso_account_id = 1", f"sso_role_name = ROLE{depth}"]
        in_config = self.chance(share)
        if self.chance(share):
            self.there(f"{depth} credentials file")
            self.credentials += [f"[{name}]", f"aws_access_key_id = CREDENTIALS{depth}"]
            # A secret in the other file would be merged by us, as the shared cases have it.
            if in_config or self.chance(0.9):
                self.credentials.append("aws_secret_access_key = s")
        if self.chance(share):
            self.there(f"{depth} process")
            keys = {"Version": 1, "AccessKeyId": f"PROCESS{depth}", "SecretAccessKey": "s"}
            section.append(f"credential_process = echo '{json.dumps(keys)}'")
        if in_config:
            self.there(f"{depth} config file")
            section.append(f"aws_access_key_id = CONFIG{depth}")
            section.append("aws_secret_access_key = s")
        self.config += section
        for depth in after:
            self.config.append(f"[profile p{depth}]")
            self.profile(f"p{depth}", depth)

    def question(self):
        files = {
            self.home / ".aws" / "config": "\n".join(self.config),
            self.home / ".aws" / "credentials": "\n".join(self.credentials),
            self.home / ".aws" / "sso" / "cache" / SSO_TOKEN: json.dumps(
                {"accessToken": "t", "expiresAt": LATER, "startUrl": START_URL}
            ),
            self.home / "token": "TOKEN",
        }
        return {
            "files": {str(path): text for path, text in files.items()},
            "environment": self.variables,
            "profile": self.code_profile,
        }


def theirs(question):
    """What botocore answers: the key's id, or the error."""
    from botocore.session import Session

    for path, content in question["files"].items():
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(path).write_text(content, encoding="utf-8")
    os.environ.clear()
    os.environ.update(question["environment"] | {"PATH": PATH})
    try:
        credentials = Session(profile=question["profile"]).get_credentials()
        if credentials is None:
            return None, "no credentials"
        return credentials.get_frozen_credentials().access_key, None
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"


PATH = os.environ.get("PATH", "")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("--cases", type=int, default=300)
    arguments.add_argument("--seed", type=int, default=20200811)
    arguments.add_argument("--show", type=int, default=5, help="how many differences to print")
    arguments = arguments.parse_args()

    program = config_matrix.build()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Machine)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    outcomes, found, differences = collections.Counter(), collections.Counter(), []
    with tempfile.TemporaryDirectory() as home:
        home = pathlib.Path(home)
        # botocore looks once where the tokens of SSO are.
        os.environ["HOME"] = str(home)
        answers = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        for number in range(arguments.cases):
            case = Case(f"{arguments.seed}/{number}", home, url)
            question = case.question()
            answers.stdin.write(json.dumps(question) + "\n")
            answers.stdin.flush()
            ours = json.loads(answers.stdout.readline())
            key, error = theirs(question)
            if ours.get("key_id") != key:
                differences.append((number, case.set_up, question, ours, key or error))
            elif key is None:
                outcomes["none for both"] += 1
            else:
                outcomes["the same key"] += 1
                found[key.rsplit("of")[-1].rstrip("0123456789")] += 1
        answers.stdin.close()
        answers.wait()
    server.shutdown()

    for number, set_up, question, ours, answer in differences[: arguments.show]:
        print(f"case {number}: {', '.join(set_up)}")
        print(next(iter(question["files"].values())))
        print(list(question["files"].values())[1])
        print(question["environment"], question["profile"])
        print(f"ours:     {ours}\nbotocore: {answer}\n")
    print(f"{arguments.cases} cases, {len(differences)} different")
    print(dict(outcomes), "from", dict(found))
    idle = {
        "VARIABLE", "WEBTOKEN", "SSOROLE", "CREDENTIALS", "PROCESS", "CONFIG", "CONTAINER", "INSTANCE",
    } - found.keys()  # fmt: skip
    if idle:
        print("no case ends with", ", ".join(sorted(idle)))
    sys.exit(bool(differences or idle))


if __name__ == "__main__":
    packages.enter()
    main()
