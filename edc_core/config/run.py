"""Settings of a whole run, checked against one another."""

from pydantic import Field, model_validator

from edc_core.config.base import Settings, validated
from edc_core.config.condense import DataConfig, InitialiseConfig, SqueezeConfig, StatisticsConfig, SynthesiseConfig
from edc_core.config.evaluate import EvaluateConfig, RelabelConfig, ScoreConfig, ViewsConfig
from edc_core.config.field_types import Count, ProfileName
from edc_core.networks.catalogue import family_of


class RunConfig(Settings):
    """Everything that decides a run's result, by stage; `preset` and `protocol` only say where it came from."""

    preset: str
    protocol: str
    profile: ProfileName = Field(alias="settings")  # whose numbers were used: lab, tiny, cifar-10, ...
    dataset: str
    ipc: Count
    data: DataConfig = DataConfig()
    squeeze: SqueezeConfig = SqueezeConfig()
    statistics: StatisticsConfig = StatisticsConfig()
    initialise: InitialiseConfig
    synthesise: SynthesiseConfig
    views: ViewsConfig
    relabel: RelabelConfig
    evaluate: EvaluateConfig
    score: ScoreConfig = ScoreConfig()

    @model_validator(mode="after")
    def _agree(self) -> "RunConfig":
        if not self.evaluate.students:
            raise ValueError("evaluate.students is empty: name at least one network.")
        for name in (*self.synthesise.observers, *self.relabel.observers, *self.evaluate.students):
            family_of(name)
        for path, names in (
            ("synthesise.observers", self.synthesise.observers),
            ("relabel.observers", self.relabel.observers),
            ("evaluate.students", self.evaluate.students),
        ):
            if len(set(names)) < len(names):
                raise ValueError(f"{path} is {', '.join(names)}: name each network once.")
        if (self.relabel.labels == "hard") != (self.evaluate.loss == "ce"):
            raise ValueError(
                f"evaluate.loss is '{self.evaluate.loss}' with relabel.labels '{self.relabel.labels}': hard labels"
                " go with 'ce', soft ones with 'mse_gt', 'kl' or 'cosine'."
            )
        if self.squeeze.ready_made and self.relabel.is_active("voting") and self.relabel.voting == "accuracy":
            raise ValueError(
                f"relabel.voting is 'accuracy' with squeeze.pretrained '{self.squeeze.pretrained}', whose weights have"
                " seen the images that are held out: set relabel.voting to 'equal', or squeeze.pretrained to 'none'."
            )
        return self


def validate_config(values: dict) -> RunConfig:
    """A run's settings from nested plain values.

    Raises:
        SettingsError: naming the setting, its value and the cure.
    """
    return validated(RunConfig, values)
