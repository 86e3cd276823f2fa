/** Light and dark by the reader's setting; rows become cards where there is no room for columns. */
export const pageStyle = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--text:#16191d;--soft:#5b6470;--line:#dfe3e8;--link:#0b57d0;--safe:#146c2e;--safe-bg:#d9f2df;--wait:#7a4f01;--wait-bg:#ffe9b8;--bad:#a5191f;--bad-bg:#ffdcdc;--calm:#46505b;--calm-bg:#e6e9ed}
@media (prefers-color-scheme:dark){:root{--bg:#101418;--card:#181d23;--text:#e7eaee;--soft:#9aa5b1;--line:#2c343d;--link:#8ab4f8;--safe:#8fe0a4;--safe-bg:#123d20;--wait:#ffd37a;--wait-bg:#443005;--bad:#ffb0ad;--bad-bg:#521417;--calm:#b9c2cc;--calm-bg:#2a323a}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.skip{position:absolute;left:-9999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:8px}
header,main{max-width:1280px;margin:0 auto;padding:16px}
header{padding-bottom:0}
h1{font-size:20px;margin:0}
h2{font-size:16px;margin:24px 0 8px}
.sub{color:var(--soft);margin:2px 0 0;overflow-wrap:anywhere}
a{color:var(--link)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
button,input,select{font:inherit;color:inherit}
.counts{display:flex;flex-wrap:wrap;gap:8px;margin:16px 0}
.counts button{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:8px 14px;text-align:left;cursor:pointer;min-width:104px}
.counts b{display:block;font-size:22px;line-height:1.2}
.counts span{color:var(--soft);font-size:13px}
.counts button[aria-pressed=true]{border-color:var(--link);box-shadow:inset 0 0 0 1px var(--link)}
.counts .alarm b{color:var(--bad)}
.tools{display:flex;flex-wrap:wrap;gap:8px;margin-bottom:8px;align-items:center}
.tools input{flex:1 1 240px;max-width:480px;padding:8px 12px;border:1px solid var(--line);border-radius:8px;background:var(--card)}
.tools select{display:none;padding:8px;border:1px solid var(--line);border-radius:8px;background:var(--card)}
.notices{margin:0 0 12px;padding:10px 14px 10px 30px;background:var(--wait-bg);color:var(--wait);border-radius:10px}
.notices li{overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line);border-radius:10px;table-layout:fixed}
th{padding:0;text-align:left;font-size:13px;color:var(--soft);border-bottom:1px solid var(--line)}
th button{all:unset;cursor:pointer;padding:8px 12px;display:block;font-weight:600}
th button:focus-visible{outline:2px solid var(--link);outline-offset:-2px}
th[aria-sort=ascending] button::after{content:" \\25B2"}
th[aria-sort=descending] button::after{content:" \\25BC"}
td{padding:8px 12px;border-top:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
tbody tr{content-visibility:auto;contain-intrinsic-size:auto 44px}
tbody tr:hover{background:color-mix(in srgb,var(--link) 6%,transparent)}
th:nth-child(1){width:34%}th:nth-child(2){width:13%}th:nth-child(3){width:14%}th:nth-child(4){width:27%}
td button.open{all:unset;cursor:pointer;color:var(--link);font-weight:600;overflow-wrap:anywhere}
td button.open:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.why{display:block;color:var(--soft);font-size:13px;max-height:2.9em;overflow:hidden}
.pill{display:inline-block;border-radius:99px;padding:1px 10px;font-size:13px;font-weight:600;white-space:nowrap;background:var(--calm-bg);color:var(--calm)}
.pill.safe,.pill.available{background:var(--safe-bg);color:var(--safe)}
.pill.waiting,.pill.moved,.pill.rate-limited,.pill.unreachable{background:var(--wait-bg);color:var(--wait)}
.pill.failed,.pill.missing,.pill.gone{background:var(--bad-bg);color:var(--bad)}
.none{padding:28px;text-align:center;color:var(--soft)}
dialog{width:min(720px,100%);max-height:100%;height:100%;margin:0 0 0 auto;border:0;border-left:1px solid var(--line);background:var(--card);color:var(--text);padding:0}
dialog::backdrop{background:rgb(0 0 0/.4)}
.detail{padding:16px 20px 40px}
.detail header{display:flex;gap:12px;justify-content:space-between;align-items:start;padding:0;margin:0}
.detail h2:first-child{margin:0;font-size:18px;overflow-wrap:anywhere}
.detail .close{border:1px solid var(--line);background:none;border-radius:8px;padding:4px 12px;cursor:pointer}
dl{display:grid;grid-template-columns:minmax(90px,130px) 1fr;gap:6px 12px;margin:12px 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
code{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.detail ul,.detail ol{margin:6px 0;padding-left:20px}
.detail li{margin:3px 0;overflow-wrap:anywhere}
time{color:var(--soft)}
@media (max-width:720px){
.tools select{display:block}
table,tbody,tr,td{display:block}thead{position:absolute;left:-9999px}
table{background:none;border:0}
tbody tr{background:var(--card);border:1px solid var(--line);border-radius:10px;margin-bottom:8px;padding:8px 4px;contain-intrinsic-size:auto 130px}
td{border:0;padding:3px 10px}
td[data-label]:not(:first-child)::before{content:attr(data-label) ": ";color:var(--soft);font-size:13px}
.counts button{flex:1 1 28%;min-width:0}
dialog{width:100%;max-width:none;border:0}
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}
}
`;
