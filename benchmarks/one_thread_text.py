"""In which order does one thread take a patient of the chain through its kernels, in C?

Templates for one_thread_chain.py; the order is that of native/driver.py and native/detour.py.
"""

READY = """  double s[{size}];
  for (int r = 0; r < {size}; ++r) s[r] = r < {given} ? people[r * many + p] : 0.0;
  setup(s, drawn, drawn);
  const Rows a = rows_of(arena, p, {rows});
  for (int r = 0; r < {rows}; ++r) a[r] = real(s[{given} + r]);
  for (int r = {whole}; r < {size}; ++r) matrix[(r - {whole}) * many + p] = s[r];
"""
KINETICS = """  for (long long q = p; q < people; q += many)
  for (int d = 0; d < lengths; ++d) {{
#ifdef __CUDACC__
    extern __shared__ double near[];
    const Near t = {{near + threadIdx.x}};
#else
    double near[{tile} * {near}];
    const Near t = {{near}};
#endif
    double factor[1];
    for (int e = 0; e < {entries}; ++e) {{
      t[e] = matrix[({first} + e) * people + q] * (days[d] / {halved});
      t[{entries} + e] = 0.0;
    }}
{ones}    for (int term = {order}; term > 1; term -= 2) {{
      factor[0] = 1.0 / term;
      taylor_{b}(t, factor, factor);
      factor[0] = 1.0 / (term - 1);
      taylor_back_{b}(t, factor, factor);
    }}
    last_{b}(t, factor, factor);
    for (int n = 0; n < {squarings}; ++n) {{
      square_back_{b}(t, factor, factor);
      square_{b}(t, factor, factor);
    }}
    real* to = exact + (begun + d * {used}ll) * people + q;
{kept}  }}
"""
FLOW = """DEVICE void flow_{b}(Rows a, const real* exact, long long many, bool flows) {{
  const real u = flows ? a[{inflow}] : real(0);
{rows}}}
"""
SEGMENT = """  const Rows a = rows_of(arena, p, {rows});
  const double* planned = nodes + n * {planned};
  const int* here = segments + n * 6;
  peaks(a, run, planned);
  if (here[2]) {{
    day(a, run, planned);
    if (here[1] >= 0) use_days[here[1] * many + p] = (unsigned char)a[{used}];
  }}
  if (here[4]) node(a, run, planned);
  if (here[3] >= 0) {{
    seen(a, run, planned);
    float* to = records + here[3] * {quantities}ll * many + p;
{seen}  }}
"""
"""what is planned before the steps of a segment"""
STEP = """  const Rows a = rows_of(arena, p, {rows});
  const double* step = steps + k * {stepped};
  const int* about = kinds + k * {abouts};
  if (about[1]) knot(a, run, step);
  if (about[2]) inflow(a, run, step);
{flows}  {whole}(a, run, step);
  if (a[{share}] < 2) {{
    late[next(counts + k)] = int(p);
  }} else {{
{keep}  }}
"""
"""a whole step; who meets an event, or must hurry, is put on a list"""
DETOUR = """  const double* step = steps + k * {stepped};
  const int* about = kinds + k * {abouts};
  const int all = counts[k];
  for (long long q = p; q < all; q += many) {{
    const Rows home = rows_of(arena, late[q], {rows}), a = rows_of(seats, p, {rows});
{gather}{hurry}    if (a[{share}] <= 1)
      through_events_{kind}(a, run, step, path[2 * k], path[2 * k + 1]);
{scatter}{keep}  }}
"""
"""those on the list, each in a seat of its own"""
LEAVE = """  const Rows a = rows_of(arena, p, {rows});
  peaks(a, run, nodes);
  for (int r = 0; r < {lane}; ++r) ends[r * many + p] = a[r];
"""
MARCH = """DEVICE void march_{kind}(
    Rows a, const double* run, const double* step, real begin, real until) {{
  const real middle = begin + real(0.5) * (until - begin);
  int phase = {at_once};
{stand}  a[{until}] = until;
  a[{left}] = a[{length}];
  while (phase != {arrived}) {{
    {alone}(a, run, step);
    const real left = a[{left}] - a[{taken}];
    if (phase == {at_once}) {{
      for (int d = 0; d < 2 * {many}; ++d) a[{way} + d] = a[{tried} + d];
      phase = left > 0 ? {first_half} : {arrived};
      a[{until}] = middle;
      a[{left}] = real(0.5) * a[{length}];
      continue;
    }}
    a[{left}] = left;
    for (int d = 0; d < {many}; ++d) a[{driven} + d] = a[{tried} + {many} + d];
    if (!(left > 0)) {{
      const int to = {way} + (phase - {first_half}) * {many};
      for (int d = 0; d < {many}; ++d) a[to + d] = a[{driven} + d];
      ++phase;
      a[{until}] = until;
      a[{left}] = real(0.5) * a[{length}];
    }}
  }}
}}
"""
"""driven states halfway through a piece and at its end, as native/detour.py takes them there"""
HURRY = """    if (a[{share}] > 1 && a[{share}] < 2) {{
      a[{length}] = real(path[2 * k + 1]);
      march_{kind}(a, run, step, 0, 1);
      {beside}(a, run, step);
    }}
"""
EVENTS = """DEVICE void through_events_{kind}(
    Rows a, const double* run, const double* step, double time, double length) {{
  real begin = 0, until = 1, process = -1;
  bool forced = false;
  a[{which}] = -1;
  for (;;) {{
    a[{begin}] = begin;
    a[{forced}] = forced;
    if (!forced) {{
      goal(a, run, step);
      until = a[{goal}];
    }}
    a[{length}] = (until - begin) * real(length);
{march}    {part}(a, run, step);
    const real share = a[{share}], found = a[{which}];
    a[{which}] = -1;
    if (forced) {{
      forced = false;
      a[{which}] = process;
      a[{now}] = real(time + until * length);
      begin = until;
      fire(a, run, step);
    }} else if (share <= 1) {{
      forced = true;
      process = found;
      until = begin + share * (until - begin);
    }} else {{
      begin = until;
      if (begin >= 1) return;
    }}
  }}
}}
"""
