"""The look of the report's page."""

STYLE = """
:root{color-scheme:light dark;--ink:#1c1f23;--dim:#5b636d;--line:#d9dde2;--paper:#fff;
--card:#f5f6f8;--good:#bfe3cf;--bad:#f4b8ae;--c0:#1f6fb2;--c1:#c2410c;--c2:#15803d;--c3:#9333ea;--c4:#a16207;
--c5:#be185d}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--dim:#a3abb5;--line:#3a4048;--paper:#14171a;
--card:#1e2227;--good:#1d5a3a;--bad:#7a2a20;--c0:#6cb4ee;--c1:#fb923c;--c2:#4ade80;--c3:#c084fc;
--c4:#facc15;--c5:#f472b6}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:70rem;margin:0 auto;padding:1rem}
h1{margin:.5rem 0 0}h2{margin:2.5rem 0 .25rem;border-bottom:2px solid var(--line)}
h3{margin:1.5rem 0 .5rem;font-size:1rem}.lead{margin:0;font-size:1.1rem;overflow-wrap:anywhere}
code{font-size:.9em;overflow-wrap:anywhere}small,.note,.few{color:var(--dim)}i{font-style:normal}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:1rem 0}a{color:var(--c0)}
.cards{display:flex;flex-wrap:wrap;gap:.75rem;margin:1rem 0}
.card{background:var(--card);border-radius:.5rem;padding:.75rem 1rem;display:flex;
flex-direction:column;flex:1 1 9rem}.card b{font-size:1.6rem}
.pictures{display:flex;flex-wrap:wrap;gap:1rem}
figure{margin:0;flex:1 1 18rem;min-width:0;max-width:32rem}
figcaption{color:var(--dim);font-size:.85rem;padding:.25rem 0 .75rem}
svg{width:100%;height:auto;display:block}svg text{font-size:11px;fill:var(--ink)}
svg .mid{text-anchor:middle}svg .end{text-anchor:end}svg path{fill:none}
.grid{stroke:var(--line);stroke-width:1}.faint{stroke:var(--dim);stroke-dasharray:4 4}
.curve{stroke-width:2;stroke-linejoin:round}
.c0{stroke:var(--c0)}.c1{stroke:var(--c1)}.c2{stroke:var(--c2)}.c3{stroke:var(--c3)}
.c4{stroke:var(--c4)}.c5{stroke:var(--c5)}.dot{stroke:none}
.dot.c0{fill:var(--c0)}.dot.c1{fill:var(--c1)}.dot.c2{fill:var(--c2)}.dot.c3{fill:var(--c3)}
.dot.c4{fill:var(--c4)}.dot.c5{fill:var(--c5)}
summary{margin:1rem 0 .5rem;cursor:pointer;color:var(--c0)}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child{text-align:left}.few{white-space:normal;min-width:9rem;font-size:.8rem}
.heat{background:color-mix(in srgb,var(--good) var(--heat),var(--bad))}
@media(max-width:36rem){body{font-size:15px}th,td{padding:.2rem .35rem}
td small{display:block;font-size:.75rem}}
""".strip()
