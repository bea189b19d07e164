"""Stage names for people: one table for pages, command line and reports."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StageText:
    """Words for one stage."""

    title: str  # of a heading or a table's row
    doing: str  # while it works: "training an observer"
    to_do: str  # before it begins: "train observers"
    step: str = ""  # the step of a run's way that it belongs to (`STEPS`)
    made: tuple[str, str] = ("", "")  # what is counted of it: one, several


STAGE_TEXT: dict[str, StageText] = {
    "squeeze": StageText(
        "Observer training", "training an observer", "train observers", "Observers", ("observer", "observers")
    ),
    "statistics": StageText(
        "Feature statistics", "collecting feature statistics", "collect feature statistics", "Observers"
    ),
    "difficulty": StageText(
        "Difficulty ranking", "ranking real images by difficulty", "rank real images by difficulty", "Observers"
    ),
    "initialise": StageText("Initial images", "choosing the initial images", "choose the initial images", "Start"),
    "synthesise": StageText(
        "Image synthesis", "optimising the images", "optimise the images", "Images", ("synthesis", "syntheses")
    ),
    "relabel": StageText("Labels", "labelling the images", "label the images", "Labels"),
    "evaluate": StageText(
        "Student training",
        "training a student",
        "train the students",
        "Student",
        ("training of a student", "trainings of students"),
    ),
    "score": StageText("Score", "scoring the student", "score the students", "Score"),
    "neighbours": StageText(
        "Nearest real images", "finding the nearest real images", "find the nearest real images", "Neighbours"
    ),
    "landscape": StageText("Loss landscape", "measuring the loss landscape", "measure the loss landscape"),
    "check": StageText("Data check", "checking a data set", "check the data set"),  # a task's, in no run's plan
}
# A run's way, step by step, and what happens in each; an observer and its statistics are one step.
STEPS: dict[str, str] = {
    "Observers": "networks are trained on the real images, and what their layers see there is measured",
    "Start": "the images that the optimisation begins with are chosen",
    "Images": "the images are optimised against the observers in turn",
    "Labels": "a committee of observers labels the images",
    "Student": "a fresh network is trained on the condensed images alone",
    "Score": "the student is scored on real images that nothing was trained on",
    "Neighbours": "the nearest real images of each condensed one are found",
}


def stages_in(step: str) -> tuple[str, ...]:
    """The stages of one step of a run's way."""
    return tuple(stage for stage, text in STAGE_TEXT.items() if text.step == step)


def doing(stage: str | None, otherwise: str = "starting") -> str:
    """Text of the stage that a run works on; `otherwise` before its first."""
    text = STAGE_TEXT.get(stage or "")
    return text.doing if text else otherwise


def title_of_stage(stage: str) -> str:
    """A stage's title; of one that another version wrote, its name."""
    text = STAGE_TEXT.get(stage)
    return text.title if text else stage
