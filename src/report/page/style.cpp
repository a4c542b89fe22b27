#include "report/page/style.h"

#include <fmt/format.h>

#include "report/palette.h"

namespace hikaku {
namespace {

constexpr const char* frame = R"(
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.6 system-ui,"Noto Sans CJK JP","Hiragino Sans","Yu Gothic UI","Noto Sans",sans-serif}
[lang=ja]{line-break:strict;word-break:normal}
p,h1,h2,li{overflow-wrap:anywhere}
#lang-en:checked~* [lang=ja],#lang-ja:checked~* [lang=en]{display:none}
.choice{position:absolute;opacity:0;pointer-events:none}
header,main,footer{max-width:66rem;margin:0 auto;padding:0 1rem}
header{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center;justify-content:space-between;
padding-top:1rem;padding-bottom:.25rem}
.brand{font-weight:700;font-size:1.15rem;margin:0}
.brand small{color:var(--soft);font-weight:400;margin-left:.5rem}
.languages{display:flex;border:1px solid var(--axis);border-radius:999px;overflow:hidden}
.languages label{padding:.25rem .9rem;cursor:pointer;font-size:.9rem}
#lang-en:checked~header [for=lang-en],#lang-ja:checked~header [for=lang-ja]{
background:var(--ink);color:var(--page)}
#lang-en:focus-visible~header .languages,#lang-ja:focus-visible~header .languages{
outline:3px solid var(--link);outline-offset:2px}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:.25rem 0 1rem;padding:0;
font-size:.9rem}
nav a{display:inline-block;padding:.1rem 0}
a{color:var(--link)}
section{background:var(--card);border:1px solid var(--line);border-radius:14px;
padding:1.25rem 1.5rem 1.5rem;margin:0 0 1.25rem}
h1{font-size:clamp(1.5rem,4.2vw,2.6rem);line-height:1.25;margin:.25rem 0 1rem;text-wrap:balance}
h2{font-size:1.4rem;line-height:1.3;margin:0 0 .5rem}
h3{font-size:1.05rem;margin:1.25rem 0 .25rem;overflow-wrap:anywhere}
p{max-width:44rem;margin:.5rem 0}
small{color:var(--soft);font-size:.85rem}
pre{background:var(--page);border:1px solid var(--line);border-radius:8px;padding:.5rem .75rem;
white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem;margin:.5rem 0}
.whose{color:var(--soft);font-size:.85rem}
.hint{color:var(--soft);font-size:.85rem;max-width:none}
.notice{border-left:4px solid var(--fifth);padding-left:.75rem;max-width:none}
.nothing{color:var(--soft);border:1px dashed var(--axis);border-radius:8px;padding:.75rem 1rem}
.meaning{font-size:1.1rem;max-width:none}
.cards{list-style:none;margin:1rem 0 0;padding:0;display:grid;gap:.75rem;
grid-template-columns:repeat(auto-fit,minmax(11rem,1fr))}
.cards li{background:var(--page);border-radius:12px;padding:.75rem 1rem}
.cards b{display:block;font-size:2rem;line-height:1.2;color:var(--gpu)}
.cards small{display:block}
.caveats{padding-left:1.2rem}.caveats small{display:block}
details{border-top:1px solid var(--line);padding:.4rem 0}
summary{cursor:pointer;overflow-wrap:anywhere}
footer{padding-bottom:2rem;color:var(--soft);font-size:.9rem}
.button{display:inline-block;border:1px solid var(--axis);border-radius:999px;padding:.3rem 1rem;
margin:.25rem .5rem .25rem 0;text-decoration:none;overflow-wrap:anywhere}
)";

constexpr const char* charts = R"(
figure{margin:1rem 0;break-inside:avoid}
figcaption{font-weight:600;margin-bottom:.4rem}
.two{display:grid;gap:.5rem 2rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,27rem),1fr))}
.rows,.legend{list-style:none;margin:0;padding:0}
.rows li{display:grid;grid-template-columns:11rem 1fr 9.5rem;
gap:0 .75rem;align-items:center;padding:.15rem 0}
.rows .name{overflow-wrap:anywhere;line-height:1.3}
.rows .name small{display:block}
.rows .value{font-variant-numeric:tabular-nums;font-weight:600}
.rows .axis .name{color:var(--soft);font-size:.8rem}
.two .lines{grid-row:span 2}
.two .rows li{grid-template-columns:1fr auto}
.two .rows .bar{grid-column:1/3;grid-row:2}
.two .rows .value{text-align:right}
.two .rows .axis .name{grid-column:1/3;grid-row:1;text-align:right}
.two .rows .axis .value{display:none}
.bar{width:100%;display:block;overflow:visible}
.bar text,.plot text{fill:var(--soft);font-size:12px}
.plot{width:100%;max-width:34rem;height:auto;display:block}
.plot text{font-size:11px;paint-order:stroke;stroke:var(--card);stroke-width:3px}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;font-size:.85rem;margin-bottom:.35rem}
.legend svg{margin-right:.35rem;vertical-align:-1px}
.part{rx:3px}
.axis,.grid,.whisker,.median,.marker{stroke-width:1;stroke:var(--axis)}
.grid{stroke:var(--line)}
.whisker{stroke:var(--ink);stroke-width:1.5}
.median{stroke:var(--ink);stroke-width:2}
.marker{stroke:var(--ink);stroke-dasharray:2 3}
.plot text.strong{fill:var(--ink)}
.box{fill:var(--line)}
.dot{fill-opacity:.75}
.curve{fill:none;stroke-width:2;stroke-linejoin:round}
.dashed{stroke-dasharray:6 4}
.hatch{stroke:var(--card);stroke-width:3;stroke-opacity:.55}
.scroll{overflow-x:auto;margin:.5rem 0;position:relative}
table{border-collapse:collapse;font-size:.9rem;min-width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--line);
overflow-wrap:break-word;max-width:22rem}
thead th{color:var(--soft);font-weight:500}
td{font-variant-numeric:tabular-nums}
.short{white-space:nowrap}
.unseen{position:absolute;width:0;height:0}
.said{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);
white-space:nowrap}
.pictures{display:grid;gap:.75rem;grid-template-columns:repeat(4,minmax(0,1fr));max-width:44rem}
.pictures figure{margin:0}.pictures figcaption{font-weight:400;font-size:.8rem;color:var(--soft)}
.swatch{stroke:var(--axis)}
.pictures img{width:100%;height:auto;display:block;border-radius:6px;image-rendering:pixelated}
)";

constexpr const char* media = R"(
@media(max-width:600px){
section{padding:1rem;border-radius:0;border-left:0;border-right:0}
main{padding:0}
nav{padding:0 1rem}
.rows li{grid-template-columns:1fr auto}
.rows .bar{grid-column:1/3;grid-row:2}
.rows .value{text-align:right}
.rows .axis .name{grid-column:1/3;text-align:right}
.rows .axis .value{display:none}
thead th{min-width:4.5rem}
tbody th{min-width:7rem}
td:not(.short){min-width:14rem}
}
@media(prefers-reduced-motion:reduce){.hint{display:none}}
@media(prefers-reduced-motion:no-preference){
#verdict .part{transform-box:fill-box;transform-origin:left;animation:grow .4s linear}
@keyframes grow{from{transform:scaleX(0)}}
}
@media print{
@page{size:A4;margin:14mm}
body{font-size:10pt;background:#fff}
.languages,nav,.download,.hint{display:none}
section{border:0;padding:0;margin:0 0 6mm}
#verdict .part{animation:none}
h2,h3,h2+p,.whose{break-after:avoid}
p,table,tr,.rows li,.pictures{break-inside:avoid}
.two{grid-template-columns:1fr 1fr}
table{font-size:8pt}
.scroll{overflow:visible}
.short{white-space:normal}
tbody th,td:not(.short){overflow-wrap:anywhere}
.pictures{grid-template-columns:repeat(8,minmax(0,1fr));gap:2mm;max-width:none}
.pictures figcaption{font-size:7pt}
details:not([open]){display:none}
.plot{max-width:95mm}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
)";

}  // namespace

std::string page_rules() {
  std::string rules = palette_rules();
  for (const PageColour& colour : page_colours) {
    rules +=
        fmt::format(".fill-{0}{{fill:var(--{0})}}.stroke-{0}{{stroke:var(--{0})}}\n", colour.name);
  }
  return rules + frame + charts + media;
}

}  // namespace hikaku
