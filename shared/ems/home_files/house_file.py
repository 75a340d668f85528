"""HOUSE.yaml: what is not measured of a home."""

from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import yaml

from ems.runtime.errors import PermanentError
from ems.runtime.notation import yaml12
from ems.runtime.settings import SettingsError, validated
from ems.virtual_house.house import VirtualHouse


def read_house(path: Path) -> VirtualHouse:
    """The house in the file.

    Raises:
        PermanentError: it cannot be read; names each wrong key and what is allowed.
    """
    try:
        house = validated(VirtualHouse, yaml12.load(path.read_text("utf-8")))
        house.tz()
        if house.battery is not None:
            house.battery.battery()
    except OSError as error:
        raise PermanentError(f"{path}: {error.strerror}") from error
    except yaml.MarkedYAMLError as error:
        where = f" at line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise PermanentError(f"{path}: not YAML{where}: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PermanentError(f"{path}: not YAML: it is no text in UTF-8") from error
    except SettingsError as error:
        raise PermanentError(f"{path}: {error}") from None
    except ZoneInfoNotFoundError as error:
        raise PermanentError(f"{path}: zone: {error}") from None
    except ValueError as error:
        raise PermanentError(f"{path}: {error}") from error
    return house
