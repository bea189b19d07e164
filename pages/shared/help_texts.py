"""Help texts that are longer than a line; the short ones stand beside their widgets."""

FOLDER_HELP = (
    "`train/` and `test/` (or `val/`), each with a folder of pictures for every class; or class folders alone, of which"
    " every fifth picture then is for testing"
)

CHECK_HELP = (
    "Every picture is read once: files that cannot be, classes of uneven size, the same picture in training and test,"
    " labels that do not agree with the pictures, the order of classes, and what trained observers see."
)

SQUEEZE_HELP = (
    "Observers are networks trained on the real pictures. Condensing matches what their layers see, and they label the"
    " condensed pictures. They are kept, and every run with the same settings uses them."
)

LOSS_HELP = (
    "Cross-entropy: do the observers see the class? Matching: how far the images' layer moments are from the real"
    " ones. Flatness: how much an observer's verdict changes between the images and their moving average."
    " Total is their weighted sum."
)

ACCURACY_HELP = (
    "A student trained on the condensed images alone, scored on real training images that were held out. Averaged"
    " weights (EMA) are a running mean of the student's own."
)

GAP_HELP = (
    "Each block is one layer of an observer. Its colour says how much of the first distance between the images'"
    " moments and the real images' is left: green closed, yellow as at the start, orange wider."
)

REPORT_HELP = (
    "Results, curves, images, settings and versions on one page that needs no network: to hand in or to print."
)

SHARPNESS_HELP = {
    "eigenvalue": "curvature along the steepest direction",
    "trace": "the sum of all eigenvalues: curvature over all directions together",
    "frobenius": "the root of the sum of squared eigenvalues, the paper's measure (figure 2c)",
    "ball": "how far the loss rises at worst within a small ball around the weights (SAM)",
}

SURFACE_LIMITS = (
    "**What it cannot tell:** two random directions out of {weights:,} show a sliver of the loss; flat here does not"
    " mean flat everywhere, and a flatter picture is no proof of a better student."
)

SCORE_HELP = (
    "Order: rank correlation of the bet with the measured gains (1 the same, −1 reversed). Signs: of those that the"
    " results decide; a 95 % interval that holds zero decides none, and makes “no difference” right. Error: mean"
    " distance of the predicted gains."
)
