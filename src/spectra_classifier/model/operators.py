"""Operators that a model may use: the same numbers from the same spectra.

Left out is what draws random numbers, runs graphs inside, learns, handles
text, lists or files, leaves an order open (writing to equal places), or
makes an array of any size out of a number.
"""
from onnx import NodeProto

_STANDARD = """
    Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool
    BatchNormalization BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor
    Cast CastLike Ceil Celu Clip Concat Constant Conv
    ConvInteger ConvTranspose Cos Cosh CumSum DepthToSpace DequantizeLinear
    Div Dropout DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand
    Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm
    GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual
    GroupNormalization HardSigmoid HardSwish Hardmax Identity
    InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu
    Less LessOrEqual Log LogSoftmax LpNormalization LpPool MatMul
    MatMulInteger Max MaxPool Mean MeanVarianceNormalization Min Mish Mod Mul
    Neg Not OneHot Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear
    RNN Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp
    ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu
    Reshape Resize ReverseSequence Round Selu Shape Shrink Sigmoid Sign Sin
    Sinh Size Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze
    Sub Sum Tan Tanh ThresholdedRelu Tile TopK Transpose Trilu Unsqueeze
    Upsample Where Xor
"""
_MACHINE_LEARNING = """
    ArrayFeatureExtractor Binarizer Imputer LabelEncoder LinearClassifier
    LinearRegressor Normalizer SVMClassifier SVMRegressor Scaler
    TreeEnsembleClassifier TreeEnsembleRegressor
"""
#: domain -> names; "ai.onnx" is another word for ""
ALLOWED = {"": frozenset(_STANDARD.split()),
           "ai.onnx": frozenset(_STANDARD.split()),
           "ai.onnx.ml": frozenset(_MACHINE_LEARNING.split())}
#: domain -> oldest and newest operator set: older ones mean other things by
#: the same names, newer ones are not known here
VERSIONS = {"": (9, 23), "ai.onnx": (9, 23), "ai.onnx.ml": (1, 4)}
#: operators of `ai.onnx.ml` that keep the shape of their input
SAME_SHAPE = frozenset(("Binarizer", "Imputer", "Normalizer", "Scaler"))
_INFERENCE_INPUTS = 2       # a third input of Dropout switches training on


def objection(node: NodeProto) -> str:
    """Why a node is not allowed, as the end of a sentence; "" if it is."""
    name = f"{node.domain}.{node.op_type}".lstrip(".")
    if node.domain not in ALLOWED:
        return f"uses {name:.80}: only standard ONNX operators are allowed"
    if node.op_type not in ALLOWED[node.domain]:
        return (f"uses {name:.80}: only operators that give the same numbers "
                "every time are allowed, without graphs inside")
    if node.op_type == "Dropout" and len(node.input) > _INFERENCE_INPUTS:
        return "uses Dropout as in training: export it for inference"
    if any(attribute.name in ("training_mode", "seed") and attribute.i
           for attribute in node.attribute):
        return f"uses {name} as in training: export it for inference"
    return ""
