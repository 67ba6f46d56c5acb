"""What other libraries have that is done here in another way, in a way that differs, or not at all.

Words stand as letters and digits alone, all small: `other_names` reads them as people write them.
"""

from __future__ import annotations

from collections.abc import Mapping

# What does it here in another way: the op, and how it is written.
INSTEAD: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(
        ("linear", "dense"),
        ("matmul", "gw.ops.matmul(x, w) + b, with w (in, out); PyTorch's weight (out, in) is its transpose"),
    ),
    **dict.fromkeys(("addmm", "baddbmm"), ("matmul", "gw.ops.matmul(x, w) + b")),
    **dict.fromkeys(("inner", "vdot", "tensordot"), ("dot", "gw.ops.dot, gw.ops.matmul or gw.ops.einsum")),
    "hstack": ("concat", "gw.ops.concat(x, y, axis=1), axis=0 for vectors"),
    **dict.fromkeys(
        ("vstack", "rowstack"), ("concat", "gw.ops.concat(x, y, axis=0), or gw.ops.stack(x, y) of vectors")
    ),
    "columnstack": ("concat", "gw.ops.concat(x, y, axis=1), or gw.ops.stack(x, y, axis=1) of vectors"),
    "fmod": ("mod", "gw.ops.mod(x, y) has the sign of y; with that of x it is x - y * gw.ops.trunc(x / y)"),
    "bce": ("binary_cross_entropy", "gw.ops.binary_cross_entropy(logits, target), of logits"),
    "chunk": ("split", "gw.ops.split(x, sections=…, index=…)"),
    **dict.fromkeys(("scatter", "indexadd"), ("scatter_add", "gw.ops.scatter_add(x, indices, shape=…)")),
    "maskedfill": ("where", "gw.ops.where(mask, value, x)"),
    "percentile": ("quantile", "gw.ops.quantile(x, q=…), q from 0 to 1"),
    "normalize": ("norm", "x / gw.ops.norm(x, axis=…, keepdims=True)"),
    "pairwisedistance": ("norm", "gw.ops.norm(x - y, axis=-1)"),
    "instancenorm": ("group_norm", "gw.ops.group_norm(x, gamma, beta, groups=…), a group for each channel"),
    "logloss": (
        "cross_entropy",
        "gw.ops.cross_entropy(logits, target), of logits; gw.ops.binary_cross_entropy(logits, target) of two classes",
    ),
    **dict.fromkeys(
        ("ones", "zeros", "full", "empty", "oneslike", "zeroslike", "fulllike", "arange", "linspace"),
        (
            "constant",
            "gw.ops.constant(value=…), whose value gives the shape; or an array as it is, as in x + np.ones(3)",
        ),
    ),
    **dict.fromkeys(("eye", "identitymatrix"), ("diag", "gw.ops.diag(np.ones(3))")),
    **dict.fromkeys(("logdet", "slogdet"), ("det", "gw.ops.log(gw.ops.det(x)), where the determinant is above 0")),
    **dict.fromkeys(
        ("lstsq", "pinv", "pinverse"), ("solve", "gw.ops.solve(x.T @ x, x.T @ y), which is least where x has full rank")
    ),
    "nansum": ("where", "gw.ops.sum(gw.ops.where(gw.ops.isnan(x), 0.0, x))"),
    "logit": ("log", "gw.ops.log(x / (1 - x))"),
    "logitloss": ("binary_cross_entropy", "gw.ops.binary_cross_entropy(logits, target)"),
    "cdist": ("norm", "gw.ops.norm(gw.ops.expand_dims(x, axis=1) - y, axis=-1)"),
    **dict.fromkeys(
        ("multiheadattention", "selfattention", "transformer"),
        ("scaled_dot_product_attention", "gw.ops.scaled_dot_product_attention(q, k, v), its heads as an axis before"),
    ),
    **dict.fromkeys(("convolve", "correlate"), ("conv1d", "gw.ops.conv1d(x, w), of x (N, C, L) and w (O, C, k)")),
    "softmarginloss": ("softplus", "gw.ops.mean(gw.ops.softplus(-target * prediction))"),
    **{
        f"{kind}pool{axes}d": (f"{kind}_pool2d", f"gw.ops.{kind}_pool2d of images (N, C, H, W){how}")
        for kind in ("max", "avg")
        for axes, how in (("1", ", with H = 1 of a sequence"), ("3", "; there is none of volumes"))
    },
}
# How what stands nearest differs, where it would be taken for the same.
DIFFERS: Mapping[str, str] = {"fmod": "the result has the sign of y, not that of x"}
# What there is not, nor anything near: what is spelt nearly so would mislead.
ABSENT = frozenset(
    (
        *("lstm", "lstmcell", "gru", "grucell", "rnn", "rnncell", "simplernn"),
        *("ctc", "ctcloss"),
        *("eig", "eigh", "eigvals", "eigvalsh", "svd", "svdvals", "qr", "lu", "cholesky", "expm", "matrixpower"),
        *("fft", "ifft", "rfft", "irfft", "stft", "istft"),
        *("gammaln", "lgamma", "digamma", "erfinv", "i0"),
        *("histogram", "bincount", "unique", "searchsorted", "randint", "randperm", "permutation"),
        *("conv3d", "convolution3d", "bilinear", "unfold", "fold"),
    )
)
TRAINING: Mapping[str, str] = {  # what others call the settings of training, as letters and digits
    **dict.fromkeys(("learningrate", "eta", "alpha", "rate", "stepsize"), "lr"),
    **dict.fromkeys(("batchsize", "minibatch", "samplesperbatch"), "batch"),
    **dict.fromkeys(("maxepochs", "numepochs", "nepochs", "maxiter"), "epochs"),
    **dict.fromkeys(("optimizer", "solver"), "optimiser"),
    **dict.fromkeys(("scheduler", "lrscheduler", "lrschedule", "learningrateschedule"), "schedule"),
    **dict.fromkeys(("ema", "useema", "swa", "averaging"), "average"),
    **dict.fromkeys(("clipnorm", "globalclipnorm", "maxnorm", "maxgradnorm", "gradclip", "clip"), "clip_norm"),
    **dict.fromkeys(("accumulategradbatches", "gradientaccumulationsteps"), "accumulate"),
    **dict.fromkeys(("criterion", "lossfn", "objective"), "loss"),
    **dict.fromkeys(("randomstate", "randomseed"), "seed"),
    **dict.fromkeys(("earlystop", "callbacks"), "early_stopping"),
}
