"""instructor, which asks through the `openai` package for Python."""

from importlib import import_module
from typing import Any

from openai import OpenAI
from pydantic import BaseModel

from tests.clients.conftest import Served


class Person(BaseModel):
    """What the answer should become."""

    name: str
    age: int


def test_instructor_makes_the_object(served: Served) -> None:
    instructor = import_module("instructor")
    served.small.says('{"name": "Ada", "age": 36}')
    made: Any = instructor.from_openai(OpenAI(base_url=served.url, api_key="any"), mode=instructor.Mode.JSON)
    person = made.chat.completions.create(
        model="auto", response_model=Person, messages=[{"role": "user", "content": "who?"}]
    )
    assert person.model_dump() == {"name": "Ada", "age": 36}
