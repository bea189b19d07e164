"""EDC's eight design choices. One more entry here is one more on the page and in the presets' table."""

from edc_core.design_space import paper_evidence as paper
from edc_core.design_space.choice import Choice, Control

_KINDS = {
    "noise": "Gaussian noise",
    "real": "real images",
    "rded": "RDED mosaics",
    "herding": "herding",
    "single-class": "one class only",
    "glyphs": "letters and digits",
    "imported": "an imported set",
}
LABEL_LOSSES = {
    "mse_gt": "MSE + CE (EDC)",
    "kl": "KL (SRe2L, RDED)",
    "ce": "CE (hard labels)",
    "cosine": "cosine (GIFT)",
}

REAL_INITIALISATION = Choice(
    "real image initialisation",
    ("initialise",),
    "lacking realism",
    r"X^{\mathcal{S}}_0 \subset X^{\mathcal{T}}",
    "Gaussian noise, twice the iterations",
    "real images or RDED mosaics",
    "sec. 3.1, figure 1 (CONFIG B)",
    "From noise, synthesis spends its steps on finding any image at all and ends far from real ones."
    " From real images it starts where noise never arrives, and needs half the steps.",
    "B",
    (
        Control("initialise.kind", "Start from", "What synthesis starts from", words=_KINDS),
        Control("initialise.scorer", "Ranked by", "The observer that ranks crops (RDED) or images (herding)"),
        Control("initialise.tiles", "Tiles per side", "A mosaic has tiles x tiles crops", 1, 4, 1),
        Control("initialise.single_class", "The class", "The one class of the set; empty: handbags, else the first"),
        Control("synthesise.iterations", "Iterations", "Steps of synthesis; 0 keeps the starting images", 0, 100_000),
        Control("synthesise.lr", "Step size", "Adam's learning rate on the pixels", 0.001, 1, more=True),
        Control("initialise.candidates_per_class", "Candidates", "RDED: images ranked per class", 1, 10_000, more=True),
        Control("initialise.crops_per_image", "Crops per image", "RDED: scored crops of each", 1, 30, 1, more=True),
        Control("initialise.crop_area_min", "Smallest crop", "RDED: least share of the area", 0.05, 1, 0.05, more=True),
    ),
    ("initialise.kind",),
    "starts",
    (paper.REAL_INITIALISATION,),
    required_values={"initialise.scorer": "@scorer", "initialise.tiles": "@tiles"},
)

SMOOTHING_SCHEDULE = Choice(
    "smoothing LR schedule",
    ("evaluate",),
    "hyperparameters",
    r"\mu(i) = \tfrac12\left(1 + \cos\frac{i\pi}{\zeta N}\right)",
    "cosine, zeta = 1",
    "zeta = 1.5 to 2",
    "sec. 3.2, table 3 (CONFIG C)",
    "A plain cosine reaches zero before a student has learnt what few images hold. Stretched by ζ it stays high"
    " enough to go on learning to the end.",
    "C",
    (
        Control(
            "evaluate.schedule",
            "Schedule",
            "How the student's learning rate falls",
            words={
                "cosine": "smoothed cosine",
                "ssrs": "SSRS",
                "multistep": "multi-step",
                "alrs": "ALRS",
                "constant": "constant",
            },
        ),
        Control("evaluate.zeta", "ζ", "1 is the plain cosine; larger keeps the rate high for longer", 1, 4, 0.05),
        Control("evaluate.gamma", "γ", "What the rate is multiplied by each time it falls", 0.05, 1, 0.05),
        Control("evaluate.lr", "Learning rate", "The student's rate before its schedule", 1e-6, 1, more=True),
        Control("evaluate.optimiser", "Optimiser", "The student's", more=True),
        Control("evaluate.weight_decay", "Weight decay", "The student's", 0, 1, more=True),
    ),
    ("evaluate.schedule", "evaluate.zeta"),
    "schedules",
    (paper.ZETA, paper.SCHEDULES_ON_CIFAR),
)

FLATNESS = Choice(
    "flatness regularisation",
    ("synthesise",),
    "over-sharp landscape",
    r"D_{KL}\left(\sigma(z(X)/\tau) \,\|\, \sigma(z(X_{EMA})/\tau)\right)",
    "none",
    "logit form, weight 0.25, beta 0.99, tau 4",
    "sec. 3.2, table 4 (CONFIG D)",
    "The paper's reasoning: images that sit in a narrow valley of their loss carry over badly; held near their own"
    " moving average, they settle where the valley is wide. The page Landscape asks whether they do.",
    "D",
    (
        Control(
            "synthesise.flatness",
            "Flatness term",
            "What the term keeps flat",
            words={
                "none": "off",
                "logit": "logits (Eq. 7)",
                "reference": "reference code",
                "statistics": "statistics",
                "sam": "SAM",
            },
        ),
        Control("synthesise.flatness_weight", "Weight", "Its weight in the total loss", 0, 2.5, 0.05),
        Control("synthesise.flatness_decay", "β", "How slowly the averaged images follow", 0.9, 0.999, 0.001),
        Control(
            "synthesise.flatness_temperature", "τ", "Softens both predictions before they are compared", 1, 20, 0.5
        ),
        Control(
            "synthesise.flatness_radius", "ρ", "How far SAM looks, in standard deviations of a pixel", 0.01, 1, 0.01
        ),
        Control(
            "synthesise.flatness_norm",
            "ρ is of",
            "Root mean square of each image's pixels; a whole batch's length hardly moves any image",
            words={"image": "each image", "batch": "the whole batch"},
        ),
    ),
    ("synthesise.flatness",),
    "valley",
    (paper.FLATNESS,),
)

SMALL_BATCH = Choice(
    "smaller batch size",
    ("views",),
    "hyperparameters",
    r"|B| \ll 1024",
    "1024",
    "100 (ImageNet-1k), 50 (CIFAR-100), 25 (CIFAR-10)",
    "sec. 3.3, figure 1 (CONFIG E)",
    "A condensed set is so small that a usual batch holds all of it: one step per epoch, and no noise to learn from."
    " Small batches take many steps from few images.",
    "E",
    (
        Control("views.batch_size", "Batch", "Images in each step of the student", 1, 4096),
        Control("views.epochs", "Epochs", "Passes of the student over the condensed set", 1, 100_000),
        Control("views.crop_area_min", "Student's smallest crop", "Least share of its area", 0.05, 1, 0.01, more=True),
        Control("views.randaugment_ops", "RandAugment", "Random operations a view; 0: none", 0, 5, 1, more=True),
        Control("views.randaugment_magnitude", "Its strength", "RandAugment's magnitude", more=True),
        Control("views.cutmix_alpha", "CutMix α", "0 mixes no images", 0, 5, 0.1, more=True),
        Control("views.flip", "Flip", "Half of the views are mirrored", more=True),
        Control("views.shuffle_tiles", "Shuffled tiles", "Tiles per side that swap places; 1: none", 1, 4, more=True),
    ),
    ("views.batch_size",),
    "batches",
    (paper.SMALL_BATCH, paper.EMA_AND_BATCH),
)

BACKBONES = Choice(
    "better backbone choice",
    ("squeeze", "synthesise", "relabel"),
    "hyperparameters",
    r"\mathcal{F}_{synthesis},\ \mathcal{F}_{labels}",
    "the baseline's observers",
    "a set tuned for synthesis and one for labels",
    "sec. 3.3, figure 1 (CONFIG E)",
    "The observer that makes good images need not give good labels: the two committees are chosen apart.",
    "E",
    (
        Control("synthesise.observers", "Image observers", "The observers that images are optimised against, in turn"),
        Control("relabel.observers", "Label observers", "The observers whose mean logits are the soft labels"),
        Control(
            "relabel.labels", "Labels", "Soft: a committee's. Hard: the class itself, with the loss 'ce'", more=True
        ),
        Control(
            "evaluate.loss",
            "Label loss",
            "How the student follows its labels",
            words=LABEL_LOSSES,
            more=True,
        ),
        Control(
            "evaluate.ce_weight", "Weight of CE", "Weight of the class beside the soft label", 0, 1, 0.005, more=True
        ),
        Control("evaluate.temperature", "Temperature", "Temperature of KL", 1, 30, 0.5, more=True),
        Control("squeeze.epochs", "Observer epochs", "Another number trains new observers", 1, 1000, more=True),
    ),
    ("synthesise.observers", "relabel.observers"),
    "committee",
    (paper.BACKBONES, paper.PRETRAINING),
)

CATEGORY_MATCHING = Choice(
    "soft category-aware matching",
    ("synthesise",),
    "coarse-grained matching",
    r"\mathcal{L} = \alpha\,\mathcal{L}_{global} + (1-\alpha)\sum_c p(c)\,\mathcal{L}_c",
    "alpha = 1 (global only)",
    "alpha = 0.5",
    "sec. 3.1, Eq. 5, table 5 (CONFIG F)",
    "Matching only the moments of all images together lets every class drift towards the same average. Matching"
    " each class as well keeps them apart.",
    "F",
    (
        Control("synthesise.alpha", "α", "1 matches all images together, 0 each class alone"),
        Control(
            "synthesise.category_form",
            "A class is matched",
            "Each class with itself (Eq. 5), or the batch with its classes' mean (the published code)",
            words={"per_class": "by itself (Eq. 5)", "batch_mixture": "as a batch (reference)"},
        ),
        Control(
            "synthesise.category_variance",
            "A class's variance",
            "Over all pixels of the class, or the mean over its images of each one's own (the published code)",
            words={"class": "over the class", "within_image": "within images"},
        ),
        Control("synthesise.matching_weight", "Weight r", "Weighs matching against CE", 0, 100, more=True),
        Control("synthesise.cross_entropy_weight", "Weight of CE", "Weighs CE in synthesis", 0, 100, more=True),
        Control("synthesise.first_layer_weight", "First layer", "Weight of the first matched layer", 0, 100, more=True),
        Control("synthesise.layer_drop_prob", "Dropped layers", "Share left out of a step", 0, 0.95, 0.05, more=True),
        Control("synthesise.momentum", "Momentum", "How slowly the images' moments follow", 0, 0.95, 0.05, more=True),
        Control(
            "synthesise.running_moments_init",
            "Moments start",
            "From the first batch, or from zero (the published code)",
            words={"first_batch": "at the first batch", "zero": "at zero (reference)"},
            more=True,
        ),
        Control("synthesise.match_convolutions", "Convolutions", "Match their inputs beside BatchNorm's", more=True),
        Control("synthesise.match_patches", "Patches", "Match patch moments too", more=True),
    ),
    ("synthesise.alpha",),
    "mixture",
    (paper.ALPHA,),
)

WEAK_AUGMENTATION = Choice(
    "weak augmentation",
    ("synthesise",),
    "hyperparameters",
    r"\text{crop scale} \in (0.5, 1)",
    "crop scale (0.08, 1)",
    "crop scale (0.5, 1)",
    "sec. 3.3, figure 1 (CONFIG G)",
    "Small crops show an observer a sleeve and call it a coat. Larger crops keep the whole object in view while"
    " its image is made.",
    "G",
    (
        Control("synthesise.crop_area_min", "Smallest crop", "Smallest share of the area a step sees", 0.02, 1, 0.01),
        Control("synthesise.crop_area_max", "Largest crop", "Largest share of the image's area", 0.02, 1, 0.01),
        Control(
            "synthesise.crop_curriculum",
            "Over the iterations",
            "CDA shrinks the smallest crop from the whole image",
            words={"none": "the same", "easy_to_hard": "easy to hard (CDA)"},
        ),
        Control("synthesise.flip", "Flip", "Half of the crops are mirrored", more=True),
    ),
    ("synthesise.crop_area_min",),
    "crops",
    (paper.WEAK_AUGMENTATION,),
)

EMA_EVALUATION = Choice(
    "EMA-based evaluation",
    ("score",),
    "over-sharp landscape",
    r"\theta_{EMA} \leftarrow \beta\,\theta_{EMA} + (1-\beta)\,\theta",
    "raw weights",
    "averaged weights, rate 0.99",
    "sec. 3.2, figure 1 (CONFIG G)",
    "The last step's weights bounce around the bottom of the valley; their moving average should lie nearer to it,"
    " once training has settled.",
    "G",
    (
        Control(
            "score.weights",
            "Scored weights",
            "Which of the student's weights make the headline; both are always scored",
            words={"raw": "raw", "ema": "averaged (EMA)"},
        ),
        Control("evaluate.ema_decay", "β", "The average remembers about 1 / (1 - β) steps", 0.9, 0.999, 0.001),
    ),
    ("score.weights",),
    "average",
    (paper.EMA, paper.EMA_AND_BATCH),
)

CHOICES: dict[str, Choice] = {
    "real-initialisation": REAL_INITIALISATION,
    "smoothing-schedule": SMOOTHING_SCHEDULE,
    "flatness": FLATNESS,
    "small-batch": SMALL_BATCH,
    "backbones": BACKBONES,
    "category-matching": CATEGORY_MATCHING,
    "weak-augmentation": WEAK_AUGMENTATION,
    "ema-evaluation": EMA_EVALUATION,
}
