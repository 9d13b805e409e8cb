"""The wordings of Python's (3.11 to 3.13), numpy's (2.x) and the course's own error messages, as templates.

One message a line, below the exception's class; a new line inside it is written as `\\n`. What stands in braces is a slot,
of a kind that `messages/` knows (`{shape}`, `{number}`, `{type}` …), or a choice between words (`{was|were}`). What
`{rest}` stands for is never shown.
"""

WORDINGS = {
    "TypeError": r"""
unsupported operand type(s) for {operator}: '{type}' and '{type}'
'{comparison}' not supported between instances of '{type}' and '{type}'
bad operand type for {unary}: '{type}'
can only concatenate {type} (not "{type}") to {type}
can't multiply sequence by non-int of type '{type}'
can't concat {type} to {type}
'{type}' object is not subscriptable
type '{type}' is not subscriptable
'{type}' object is not callable
'{type}' object is not iterable
'{type}' object is not an iterator
'{type}' object is not reversible
'{type}' object is not a mapping
'{type}' object does not support item assignment
'{type}' object {doesn't|does not} support item deletion
'{type}' object does not support the context manager protocol
'{type}' object cannot be interpreted as an integer
cannot unpack non-iterable {type} object
object of type '{type}' has no len()
unhashable type: '{type}'
cannot use '{type}' as a {dict key|set element} (unhashable type: '{type}')
{list|tuple|range} indices must be integers or slices, not {type}
string indices must be integers, not '{type}'
slice indices must be integers or None or have an __index__ method
{function}() missing 1 required {positional|keyword-only} argument: '{argument}'
{function}() missing 2 required {positional|keyword-only} arguments: '{argument}' and '{argument}'
{function}() missing 3 required {positional|keyword-only} arguments: '{argument}', '{argument}', and '{argument}'
{function}() missing 4 required {positional|keyword-only} arguments: '{argument}', '{argument}', '{argument}', and '{argument}'
{function}() missing {number} required {positional|keyword-only} arguments: {rest}
{function}() missing required argument '{argument}' (pos {number})
{function}() missing required argument '{argument}'
{function}() takes {number} positional {argument|arguments} but {number} {was|were} given
{function}() takes {number} positional {argument|arguments} but {number} positional {argument|arguments} (and {number} keyword-only {argument|arguments}) {was|were} given
{function}() takes from {number} to {number} positional arguments but {number} {was|were} given
{function}() takes exactly {one|1} argument ({number} given)
{function}() takes exactly {number} arguments ({number} given)
{function}() takes {at most|at least} {number} {argument|arguments} ({number} given)
{function}() takes no arguments ({number} given)
{function}() takes no {arguments|keyword arguments|positional arguments}
{function} expected {number} {argument|arguments}, got {number}
{function} expected {at most|at least} {number} {argument|arguments}, got {number}
{function}() got an unexpected keyword argument '{argument}'
{function}() got an unexpected keyword argument '{argument}'. Did you mean '{argument}'?
'{argument}' is an invalid keyword argument for {function}()
{function}() got multiple values for argument '{argument}'
{function}() got some positional-only arguments passed as keyword arguments: '{argument}'
{|__main__.}{function}() argument after {*|**} must be {an iterable|a mapping}, not {type}
argument for {function}() given by name ('{argument}') and position (position {number})
{function}() must have at least two arguments.
{function}() arg {number} must be {a class|a type, a tuple of types, or a union}
object.__init__() takes exactly one argument (the instance to initialize)
keywords must be strings
float() argument must be a string or a {real number|number}, not '{type}'
int() argument must be a string, a bytes-like object or a {real number|number}, not '{type}'
int() can't convert non-string with explicit base
must be real number, not {type}
must be str, not {type}
a bytes-like object is required, not '{type}'
type {type} doesn't define __round__ method
sequence item {number}: expected str instance, {type} found
can only join an iterable
not enough arguments for format string
not all arguments converted during string formatting
%{d|i|f|g|e|x} format: a {real number|number|integer} is required, not {type}
unsupported format string passed to {type}.__format__
cannot convert dictionary update sequence element #{number} to a sequence
reduce() of empty iterable with no initial value
exceptions must derive from BaseException
catching classes that do not inherit from BaseException is not allowed
'{type}' object can't be {awaited|used in 'await' expression}
only {length-1|0-dimensional|size-1} arrays can be converted to Python scalars
only integer scalar arrays can be converted to a scalar index
len() of unsized object
iteration over a 0-d array
Cannot interpret '{rest}' as a data type
data type '{text}' not understood
data type {text} not understood
expected a sequence of integers or a single integer, got '{rest}'
Use () not None as shape arguments
arange() requires stop to be specified.
arange() not supported for inputs with DType {dtype}.
ufunc '{ufunc}' not supported for the input types, and the inputs could not be safely coerced to any supported types according to the casting rule ''{casting}''
loop of ufunc does not support argument {axis} of type {type} which has no callable {ufunc} method
No loop matching the specified signature and casting was found for ufunc {ufunc}
return arrays must be of ArrayType
Cannot cast {array data|scalar} from {dtype} to {dtype} according to the rule '{casting}'
the resolved dtypes are not compatible with {ufunc}.{reduce|accumulate}. Resolved {rest}
The numpy boolean negative, the `-` operator, is not supported, use the `~` operator or the logical_not function instead.
numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, or the logical_xor function instead.
Axis must be specified when shapes of a and weights differ.
expected x and y to have same length
`pad_width` must be of integral type.
exactly two arguments expected
1D weights expected when shapes of a and weights differ.
dispatcher for __array_function__ did not return an iterable
arrays to stack must be passed as a "sequence" type such as list or tuple.
SeedSequence expects int or sequence of ints for entropy not {rest}
""",
    "ValueError": r"""
operands could not be broadcast together with shapes {shapes}
operands could not be broadcast together with shape {shape} {shape}
operands could not be broadcast together with remapped shapes [original->remapped]: {remapped}
operands could not be broadcast together with remapped shapes [original->remapped]: {remapped}  and requested shape {shape}
non-broadcastable output operand with shape {shape} doesn't match the broadcast shape {shape}
could not broadcast input array from shape {shape} into shape {shape}
shape mismatch: objects cannot be broadcast to a single shape
shape mismatch: objects cannot be broadcast to a single shape.  Mismatch is between arg {axis} with shape {python_shape} and arg {axis} with shape {python_shape}.
shape mismatch: value array of shape {shape} could not be broadcast to indexing result of shape {shape}
matmul: Input operand {axis} has a mismatch in its core dimension {axis}, with gufunc signature (n?,k),(k,m?)->(n?,m?) (size {number} is different from {number})
matmul: Input operand {axis} does not have enough dimensions (has {axis}, gufunc core with signature (n?,k),(k,m?)->(n?,m?) requires {axis})
{gufunc}: Input operand {axis} has a mismatch in its core dimension {axis}, with gufunc signature {signature} (size {number} is different from {number})
{gufunc}: Input operand {axis} does not have enough dimensions (has {axis}, gufunc core with signature {signature} requires {axis})
shapes {shape} and {shape} not aligned: {number} (dim {axis}) != {number} (dim {axis})
cannot reshape array of size {number} into shape {shape}
can only specify one unknown dimension
all the input array dimensions except for the concatenation axis must match exactly, but along dimension {axis}, the array at index {axis} has size {number} and the array at index {axis} has size {number}
all the input arrays must have same number of dimensions, but the array at index {axis} has {axis} dimension(s) and the array at index {axis} has {axis} dimension(s)
all input arrays must have the same shape
zero-dimensional arrays cannot be concatenated
need at least one array to {concatenate|stack}
array split does not result in an equal division
shape-mismatch for sum
incompatible dimensions for cross product\n(dimension must be 2 or 3)
axes don't match array
repeated axis in transpose
duplicate value in 'axis'
Axes must be different.
matrix transpose with ndim < 2 is undefined
cannot select an axis to squeeze out which has size not equal to one
input operand has more dimensions than allowed by the axis remapping
setting an array element with a sequence.
setting an array element with a sequence. The requested array has an inhomogeneous shape after {axis} dimensions. The detected shape was {python_shape} + inhomogeneous part.
setting an array element with a sequence. The requested array would exceed the maximum number of dimension of {number}.
The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()
The truth value of an empty array is ambiguous. Use `array.size > 0` to check that an array is not empty.
can only convert an array of size 1 to a Python scalar
assignment destination is read-only
output array is read-only
object too deep for desired array
object of too small depth for desired array
negative dimensions are not allowed
zero-size array to reduction operation {ufunc} which has no identity
attempt to get {argmax|argmin} of an empty sequence
reduction operation '{ufunc}' is not reorderable, so at most one axis may be specified
Integers to negative integer powers are not allowed.
NumPy boolean array indexing assignment cannot assign {number} input values to the {number} output values where the mask is true
array is too big; `arr.size * arr.dtype.itemsize` is larger than the maximum possible size.
Maximum allowed {size|dimension} exceeded
Number of samples, {integer}, must be non-negative.
either both or neither of x and y should be given
einstein sum subscripts string contains too many subscripts for operand {axis}
more operands provided to einstein sum function than specified in the subscripts string
Input must be 1- or 2-d.
diag requires an array of at least two dimensions
diff requires input that is at least one dimensional
array must be at least 2-d
fp and xp are not of the same length.
a cannot be empty
Shape of array too small to calculate a numerical gradient, at least (edge_order + 1) elements are required.
cannot resize an array that references or is referenced\nby another object in this way.\nUse the np.resize function to get a new resized copy or\n set refcheck=False to disable this check
Percentiles must be in the range [0, 100]
`bins` must be positive, when an integer
'list' argument must have no negative elements
invalid entry in {coordinates|choice} array
Invalid norm order {text} for vectors
string or file could not be read to its end due to unmatched data
buffer size must be a multiple of element size
Cross index must be 1 dimensional
window shape cannot be larger than input array shape
list of cases must be same length as list of conditions
Cannot insert from an empty array!
bins must be monotonically increasing or decreasing
Improper number of dimensions to norm.
index {integer} is out of bounds for array with size {number}
scale < 0
low >= high
high <= 0
expected non-negative integer
Seed must be between 0 and 2**32 - 1
a must be greater than 0 unless no samples are taken
{a|'a'} cannot be empty unless no samples are taken
a must be 1-dimensional
'a' and 'p' must have same size
{p|a} and {p|a} must have same size
{probabilities|Probabilities} do not sum to 1{|. See Notes section of docs for more information.}
Cannot take a larger sample than population when {replace is False|'replace=False'}
not enough values to unpack (expected {number}, got {number})
not enough values to unpack (expected at least {number}, got {number})
too many values to unpack (expected {number})
too many values to unpack (expected {number}, got {number})
{max|min}() {arg is an empty sequence|iterable argument is empty}
range() arg 3 must not be zero
slice step cannot be zero
could not convert string to float: {text}
could not convert string to float: np.str_({text})
invalid literal for int() with base {number}: {text}
invalid literal for int() with base {number}: np.str_({text})
complex() arg is a malformed string
cannot convert float NaN to integer
math domain error
expected a positive input
expected a positive input, got {rest}
expected a nonnegative input, got {rest}
factorial() not defined for negative values
{list|tuple|set}.{remove|index}(x): x not in {list|tuple|set}
{integer} is not in {list|range|deque}
{text} is not in list
substring not found
empty separator
attempt to assign sequence of size {number} to extended slice of size {number}
dictionary update sequence element #{number} has length {number}; 2 is required
Unknown format code '{d|f|g|e|s|i|x}' for object of type '{type}'
zip() argument {number} is {longer|shorter} than argument {number}
zip() argument {number} is {longer|shorter} than arguments 1-{number}
Sample larger than population or is negative
empty range for randrange()
empty range for randrange() ({integer}, {integer}, {integer})
empty range in randrange({integer}, {integer})
Exceeds the limit ({rest} digits) for integer string conversion{|; use sys.set_int_max_str_digits() to increase the limit}
I/O operation on closed file.
generator already executing
target has shape {python_shape} but prediction has shape {python_shape}. numpy might stretch them to fit and give a wrong loss without a word. {They hold equally many values, so give one the shape of the other: target.reshape(prediction.shape).|They hold different numbers of values: each prediction needs exactly one target.}
there are no entries to take a mean of: target and prediction are empty
x has shape {python_shape}; one example must be a column, shape ({number}, 1): x.reshape(-1, 1)
x has shape {python_shape}, but W1 with shape {python_shape} wants ({number}, number of examples).{| Examples in rows? Use X.T.}
y in the cache has shape {python_shape}, but examples are columns: it must be (n_out, n)
target has shape {python_shape}, but the network's y has shape {python_shape}.{| Examples in rows? Use target.T.}
w has shape {python_shape} but its gradient has shape {python_shape}; they must be the same
{argument} has shape {python_shape} but its gradient has shape {python_shape}; they must be the same
params has {rest} but grads has {rest}; they must have the same names
losses has shape {python_shape}, but must be the losses of one training: (epochs,)
{number} losses are too few to read a curve from; give at least {number}
some losses are negative, but a mean of squares never is
X has {number} rows but y has {number}: each example needs exactly one target row
X and y have no rows: there is nothing to learn from
epochs is {integer}; it must be 0 or more
""",
    "IndexError": r"""
{list|tuple|string|range object|deque|bytearray|array} index out of range
{list|array|bytearray} assignment index out of range
pop from empty {list|bytearray}
pop from an empty {deque|set}
pop index out of range
index {integer} is out of bounds for axis {axis} with size {number}
index {integer} is out of bounds for size {number}
too many indices for array: array is {axis}-dimensional, but {axis} were indexed
boolean index did not match indexed array along axis {axis}; size of axis is {number} but size of corresponding boolean axis is {number}
boolean index did not match indexed array along dimension {axis}; dimension is {number} but corresponding boolean dimension is {number}
only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are valid indices
arrays used as indices must be of integer (or boolean) type
shape mismatch: indexing arrays could not be broadcast together with shapes {shapes}
invalid index to scalar variable.
an index can only have a single ellipsis ('...')
cannot do a non-empty take from an empty axes.
Cannot choose from an empty sequence
Replacement index {number} out of range for positional args tuple
""",
    "KeyError": r"""
'popitem(): dictionary is empty'
'pop from an empty set'
{text}
{integer}
""",
    "AttributeError": r"""
'{type}' object has no attribute '{attribute}'
'{type}' object has no attribute '{attribute}'. Did you mean: '{attribute}'?
'{type}' object has no attribute '{attribute}' and no __dict__ for setting new attributes
'{type}' object attribute '{attribute}' is read-only
type object '{type}' has no attribute '{attribute}'
module '{module}' has no attribute '{attribute}'
module '{module}' has no attribute '{attribute}'. Did you mean: '{attribute}'?
module 'numpy' has no attribute '{float|int|bool|complex|object|str|long|unicode}'.\n{rest}
`np.{attribute}` was removed in the NumPy 2.0 release. {rest}
partially initialized module '{module}' has no attribute '{attribute}' (most likely due to a circular import)
property '{attribute}' of '{type}' object has no {setter|getter|deleter}
cannot set '{attribute}' attribute of immutable type '{type}'
""",
    "NameError": r"""
name '{variable}' is not defined
name '{variable}' is not defined. Did you mean: '{variable}'?
cannot access free variable '{variable}' where it is not associated with a value in enclosing scope
""",
    "UnboundLocalError": r"""
cannot access local variable '{variable}' where it is not associated with a value
local variable '{variable}' referenced before assignment
""",
    "ZeroDivisionError": r"""
division by zero
{float|integer|complex} division by zero
{float|integer} modulo{| by zero}
integer division or modulo by zero
{float floor division|float floor division by zero}
float divmod()
0.0 cannot be raised to a negative power
{0.0|zero} to a negative {power|or complex power}
Weights sum to zero, can't be normalized
""",
    "OverflowError": r"""
(34, 'Numerical result out of range')
math range error
cannot convert float infinity to integer
int too large to convert to float
{Python int|int} too large to convert to C {long|int|ssize_t}
cannot fit 'int' into an index-sized integer
integer division result too large for a float
Python integer {integer} out of bounds for {numeric}
""",
    "FloatingPointError": r"""
{divide by zero|overflow|underflow|invalid value} encountered in {|scalar }{ufunc}
{divide by zero|overflow|underflow|invalid value} encountered in {det|inv|solve|dot|cast|reduce}
""",
    "LinAlgError": r"""
Singular matrix
Last 2 dimensions of the array must be square
{axis}-dimensional array given. Array must be at least two-dimensional
Matrix is not positive definite
Array must not contain infs or NaNs
{SVD|Eigenvalues|SVD in Linear Least Squares} did not converge
Incompatible dimensions
""",
    "AxisError": r"""
axis {integer} is out of bounds for array of dimension {axis}
{axis1|axis2|source|destination}: axis {integer} is out of bounds for array of dimension {axis}
""",
    "UFuncTypeError": r"""
Cannot cast ufunc '{ufunc}' {output|input} from {dtype} to {dtype} with casting rule '{casting}'
Cannot cast ufunc '{ufunc}' input {axis} from {dtype} to {dtype} with casting rule '{casting}'
ufunc '{ufunc}' did not contain a loop with signature matching types {dtype} -> None
ufunc '{ufunc}' did not contain a loop with signature matching types ({dtype}, {dtype}) -> None
ufunc '{ufunc}' did not contain a loop with signature matching types ({dtype}, {dtype}, {dtype}) -> None
ufunc '{ufunc}' did not contain a loop with signature matching types ({dtype}, {dtype}) -> {dtype}
ufunc '{ufunc}' cannot use operands with types {dtype} and {dtype}
""",
    "DTypePromotionError": r"""
The DType {dtype} could not be promoted by {dtype}. This means that no common DType exists for the given inputs. For example they cannot be stored in a single array unless the dtype is `object`. The full list of DTypes is: ({dtype}, {dtype})
The DType {dtype} could not be promoted by {dtype}. This means that no common DType exists for the given inputs. {rest}
""",
    "RecursionError": r"""
maximum recursion depth exceeded
maximum recursion depth exceeded {while calling a Python object|in comparison|while getting the str of an object|while getting the repr of an object}
""",
    "RuntimeError": r"""
super(): no arguments
dictionary changed size during iteration
dictionary keys changed during iteration
{Set|deque|OrderedDict} {changed size|mutated} during iteration
generator raised StopIteration
No active exception to reraise
""",
    "MemoryError": r"""
Unable to allocate {rest}
""",
    "FileNotFoundError": r"""
[Errno 2] No such file or directory: {text}
""",
    "ModuleNotFoundError": r"""
No module named '{module}'
No module named '{module}'; '{module}' is not a package
""",
    "ImportError": r"""
cannot import name '{variable}' from '{module}' ({rest})
attempted relative import with no known parent package
""",
    "AssertionError": r"""
\nNot equal to tolerance {rest}
\nArrays are not {rest}
\nItems are not equal:{rest}
""",
}
