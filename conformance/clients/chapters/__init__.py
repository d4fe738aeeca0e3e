"""What is played: each chapter with each client, against an emulator of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from session import Session


@dataclass
class Chapter:
    title: str
    play: Callable[[Session], None]
    # Options of the emulator.
    options: list[str]


def chapter(*options: str):
    """Makes a chapter of a function that plays it. Its title is the function's name."""

    def of(play: Callable) -> Chapter:
        return Chapter(play.__name__.replace("_", " "), play, list(options))

    return of


# Where most chapters play.
PLACE = {"AppId": "d1a2b3c4d5e6f7", "BackendEnvironmentName": "staging"}
READ_ALL = {"Authenticated": ["READ", "CREATE_AND_UPDATE", "DELETE"], "UnAuthenticated": ["READ"]}


def created(
    name: str, bucket: str | None = None, place: dict = PLACE, permissions: dict = READ_ALL
) -> dict:
    """The input of CreateBackendStorage."""
    config = {"ServiceName": "S3", "Permissions": permissions}
    if bucket is not None:
        config["BucketName"] = bucket
    return {**place, "ResourceName": name, "ResourceConfig": config}


def updated(name: str, permissions: dict = READ_ALL, place: dict = PLACE) -> dict:
    """The input of UpdateBackendStorage."""
    config = {"ServiceName": "S3", "Permissions": permissions}
    return {**place, "ResourceName": name, "ResourceConfig": config}


def imported(bucket: str, place: dict = PLACE) -> dict:
    """The input of ImportBackendStorage."""
    return {**place, "BucketName": bucket, "ServiceName": "S3"}


def deleted(name: str, place: dict = PLACE) -> dict:
    """The input of DeleteBackendStorage."""
    return {**place, "ResourceName": name, "ServiceName": "S3"}


def named(name: str, place: dict = PLACE) -> dict:
    """The input of GetBackendStorage."""
    return {**place, "ResourceName": name}


def storage(
    name: str, bucket: str, permissions: dict | None = READ_ALL, place: dict = PLACE
) -> dict:
    """The output of GetBackendStorage. Without permissions it is an imported one."""
    config = {"BucketName": bucket, "Imported": permissions is None, "ServiceName": "S3"}
    if permissions is not None:
        config["Permissions"] = permissions
    return {**place, "ResourceName": name, "ResourceConfig": config}


def bad_request(message: str) -> dict:
    return {"Code": "BadRequestException", "status": 400, "Message": message}


def not_found(resource_type: str, name: str) -> dict:
    return {
        "Code": "NotFoundException",
        "status": 404,
        "Message": f"there is no {resource_type} {name}",
        "ResourceType": resource_type,
    }
