"""The paths of bulk changes, and the schemas of what they take and answer."""

from shared.bulk.request import MOST_TARGETS, Bounds
from shared.bulk.targets_page import PAGE
from shared.bulk.view import STATES
from shared.changes.states import State
from shared.openapi.answers import ACCEPTED, ID_IN_PATH, KEY_IN_HEADER, action, answer, problems
from shared.openapi.schemas import Document, object_of, ref
