"""How does one thread calculate exp, log and their like, in C?

The same way as engine/native/plain.py and elementary.py, without the cases that cost branches and
that no model needs: exp is held within the range of normal numbers. Numbers of 32 bits are left to
the compiler's own functions.
"""

from __future__ import annotations

import math

from resynapse.engine.native.plain import DOUBLE

_TEXT = """
DEVICE double number(long long bits) {{
#ifdef __CUDACC__
  return __longlong_as_double(bits);
#else
  double x; __builtin_memcpy(&x, &bits, 8); return x;
#endif
}}
DEVICE long long bits_of(double x) {{
#ifdef __CUDACC__
  return __double_as_longlong(x);
#else
  long long bits; __builtin_memcpy(&bits, &x, 8); return bits;
#endif
}}
DEVICE double over(double x, double y) {{
#ifdef __CUDACC__
  double rough;
  asm("rcp.approx.ftz.f64 %0, %1;" : "=d"(rough) : "d"(y));
  const double near = fma(fma(-y, rough, 1.0), rough, rough);
  const double r = fma(fma(-y, near, 1.0), near, near);
  const double q = x * r, better = fma(fma(-y, q, x), r, q);
  return better == better ? better : x * rough;
#else
  return x / y;
#endif
}}
DEVICE float over(float x, float y) {{ return x / y; }}
struct Reduced {{ double rest, scale; }};
DEVICE Reduced reduced(double x) {{
  const double held = x < {least} ? {least} : x > {greatest} ? {greatest} : x;
  const double t = fma(held, {inverse}, {round}), n = t - {round};
  const double r = fma(-n, {ln2_low}, fma(-n, {ln2_high}, held));
  const unsigned int high = ((unsigned int)bits_of(t) << 20) + (1023u << 20);
  const unsigned long long bits = (unsigned long long)high << 32;
  Reduced made = {{fma(r * r, {exp_series}, r), number((long long)bits)}};
  return made;
}}
DEVICE double exp_of(double x) {{
  const Reduced e = reduced(x);
  return fma(e.scale, e.rest, e.scale);
}}
DEVICE double expm1_of(double x) {{
  const Reduced e = reduced(x);
  return fma(e.scale, e.rest, e.scale - 1.0);
}}
DEVICE double log_of(double x) {{
  const long long above = bits_of(x) - {root}ll;
  const double count = double(int(above >> 52));
  const double m = number((above & 0xfffffffffffffll) + {root}ll);
  const double s = over(m - 1.0, m + 1.0), z = s * s;
  const double small = fma(count, {ln2_low}, s * z * {log_series});
  const double made = fma(count, {ln2_high}, (s + s) + small);
  return x > 0.0 ? (x < INFINITY ? made : x) : x == 0.0 ? -INFINITY : NAN;
}}
DEVICE double log1p_of(double x) {{
  const double u = 1.0 + x;
  return log_of(u) + (u < 2.0 ? x - (u - 1.0) : 0.0);
}}
DEVICE double logistic_of(double x) {{ return over(1.0, 1.0 + exp_of(-x)); }}
DEVICE double tanh_of(double x) {{
  const double held = x > 20.0 ? 20.0 : x, e = expm1_of(held + held);
  return over(e, e + 2.0);
}}
DEVICE double pow_of(double x, double y) {{ return exp_of(y * log_of(x)); }}
DEVICE float exp_of(float x) {{ return exp(x); }}
DEVICE float expm1_of(float x) {{ return expm1(x); }}
DEVICE float log_of(float x) {{ return log(x); }}
DEVICE float log1p_of(float x) {{ return log1p(x); }}
DEVICE float logistic_of(float x) {{ return 1.0f / (1.0f + exp(-x)); }}
DEVICE float tanh_of(float x) {{ return tanh(x); }}
DEVICE float pow_of(float x, float y) {{ return pow(x, y); }}
"""


def functions() -> str:
    """Their text."""
    f = DOUBLE
    return _TEXT.format(
        least=f.least, greatest=f.greatest, inverse=repr(1.0 / math.log(2.0)), round=f.round,
        ln2_high=repr(f.ln2_high), ln2_low=repr(f.ln2_low), root=f.bits(math.sqrt(0.5)),
        exp_series=_series("r", f.exp_series), log_series=_series("z", f.log_series),
    )  # fmt: skip


def _series(x: str, terms: tuple[float, ...]) -> str:
    """c_0 + x (c_1 + x (c_2 + ...))"""
    total = repr(float(terms[-1]))
    for term in reversed(terms[:-1]):
        total = f"fma({total}, {x}, {float(term)!r})"
    return total
