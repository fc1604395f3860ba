"""Reads texts with PyYAML. Stdin: a JSON list of texts in base64. Stdout: for each text, its documents or the error."""

import base64
import json
import sys

import yaml


class Loader(yaml.SafeLoader):
    """Accepts unknown tags."""


def unknown(loader, suffix, node):
    construct = {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: loader.construct_sequence,
        yaml.MappingNode: loader.construct_mapping,
    }
    return [suffix, construct[type(node)](node)]


Loader.add_multi_constructor("!", unknown)


def typed(value):
    """Adds its type to every scalar: a JSON parser would round large numbers and read 1.0 as 1."""
    if isinstance(value, dict):
        return {str(typed(key)): typed(child) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [typed(child) for child in value]
    return f"{type(value).__name__} {value}"


def read(text):
    try:
        return [typed(document) for document in yaml.load_all(base64.b64decode(text), Loader)]
    except (yaml.YAMLError, ValueError) as error:
        return str(error)


json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
