"""Help texts that are longer than a line; the short ones stand beside their widgets."""

FOLDER_HELP = (
    "`train/` and `test/` (or `val/`), each with a folder of images for every class; or only class folders, where"
    " every fifth image is then used for testing"
)

CHECK_HELP = (
    "Every image is read once. The check finds unreadable files, classes of uneven size, the same image in"
    " training and test, labels that do not fit their images, and classes in another order. Trained observers are"
    " asked, too."
)

SQUEEZE_HELP = (
    "Observers are networks trained on the real images. Condensing matches what their layers see, and they label"
    " the condensed images. They are kept, and every run with the same settings uses them."
)

LOSS_HELP = (
    "Cross-entropy: do the observers see the class? Matching: how far the images' layer moments are from the real"
    " ones. Flatness: how much an observer's verdict changes between the images and their moving average."
    " The total is the sum of its parts, each with the weight in its title. Every chart has its own axis, from 0."
)

ACCURACY_HELP = (
    "A student is trained on nothing but the condensed images and scored on real training images that were held"
    " out. Averaged weights (EMA) are a running mean of its own."
)

GAP_HELP = (
    "Each block is one layer of an observer. Its colour shows how much of the initial distance between the images'"
    " statistics and the real ones is left: green is closed, yellow unchanged, orange farther."
)

LIVE_SHARPNESS_HELP = (
    "Measured between steps in at most 5 % of the run's time, so its points come when there is time for one; the run's"
    " results do not change. The worst rise is that of two steps uphill, so the true one may be larger. Landscape"
    " measures a finished run more closely."
)

REPORT_HELP = "One self-contained page with results, curves, images, settings and versions, to hand in or to print."

SHARPNESS_HELP = {
    "eigenvalue": "curvature along the steepest direction",
    "trace": "the sum of all eigenvalues: curvature over all directions together",
    "frobenius": "the root of the sum of squared eigenvalues, the paper's measure (figure 2c)",
    "ball": "how far the loss rises at worst within a small ball around the weights (SAM)",
}

SURFACE_LIMITS = (
    "**What it cannot tell:** two random directions out of {weights:,} show a sliver of the loss; flat here does"
    " not mean flat everywhere, and a flatter plot does not prove a better student."
)

SCORE_HELP = (
    "Order: rank correlation of the bet with the measured gains (1: the same order, −1: reversed). Signs: how many"
    " are right; where a 95 % interval contains zero, “no difference” is right. Error: mean distance of the"
    " predicted gains from the measured ones."
)
