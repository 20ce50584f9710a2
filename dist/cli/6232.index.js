export const id=6232;export const ids=[6232];export const modules={22124:(e,t,n)=>{n.d(t,{q:()=>outputFolder});var a=n(51455),i=n(76760),r=n(57134);async function outputFolder(e,t,n,s){let o;if(""===t)return n;let l=(0,i.resolve)(s.workspace,t);try{o=await (0,a.stat)(l)}catch(n){if("ENOENT"===n.code)return l;throw(0,r.AN)("input-path-unusable",e,t,"the path of a folder",`Choose another path: ${(0,r.bD)(n)}.`)}if(o.isDirectory())return l;throw(0,r.AN)("input-path-unusable",e,t,"the path of a folder","Choose another path: a file is there.")}},33340:(e,t,n)=>{n.d(t,{P:()=>reportedPlatform,W:()=>platformViews});var a=n(72982),i=n(67427),r=n(28286),s=n(91627),o=n(29333),l=n(24085),d=n(48675),c=n(75815);async function platformViews(e,t,n,s){let o=n.map(async({platform:n,evidence:{findings:o,subject:c}})=>{let f=e.image.platforms.find(({descriptor:e})=>e.digest===c);if(!f)return[];let{counted:u,suppressed:p}=(0,a.Mc)(t,e.image,c,o,s),m=(0,i.Gd)((0,l.aq)(e),c),{fresh:g,live:h}=(0,i.mU)(t,m,u),[$]=m.flatMap(e=>e.live??[]),v=await (0,d.c)(e,f);return[{platform:n,one:f,findings:o,blocking:(0,r.Ur)(t,g,s),live:(0,r.Ur)(t,h,s),liveName:void 0===$?void 0:`${$.repository}:${$.tag}`,suppressed:new Map(p.map(e=>[e.finding,e])),causes:v}]});return(await Promise.all(o)).flat()}function placed(e){return e?{place:`${e.file}:${e.line}`}:{}}async function reportedPlatform(e,t){let{blocking:n,causes:a,declared:i,findings:r,live:l,liveName:d="the live image",one:f,platform:u,suppressed:p}=t,m=new Set(n),g=new Set(l),h=await (0,c.GQ)(e,f);return{platform:u,digest:f.descriptor.digest,packages:packagesOf(e,f.descriptor.digest),layers:h.map(({digest:e,size:t},n)=>({digest:e,size:t,...madeBy(a,n)})),findings:r.map(e=>{let t=a&&(0,s.rl)(e,a),n=p.get(e),r=i?.get((0,s.MO)(e.package));return{...e,blocking:m.has(e),remedy:(0,s.x0)(e,t,r),declaredIn:r,...placed((0,o.v)({cause:t,declaredIn:r})),suppressed:void 0===n?void 0:`${n.from}: ${n.reason}`,alreadyLive:g.has(e)?d:void 0}})}}function packagesOf({evidence:e},t){return e.all().flatMap(e=>"sbom"===e.kind&&e.subject===t?e.components??[]:[])}function madeBy(e,t){let n=e?.origin.layers[t];return e&&n?{made:"instruction"===n.kind?n.text:`base image ${n.image}`,place:void 0===n.line?void 0:`${e.origin.file}:${n.line}`}:{}}},19094:(e,t,n)=>{n.d(t,{fz:()=>annotate,e1:()=>announceExpiring,ah:()=>warnOfLive});var a=n(91627),i=n(83922),r=n(29333),s=n(5827);function annotationsFor(e){let t=new Set(e.flatMap(({blocking:e})=>e.map(keyOf))),n=e.map(e=>({...e,scan:{findings:e.findings.filter(t=>!e.suppressed.has(t))}})),a=(0,r.f)((0,s.D)(n),e=>t.has(keyOf(e))).flatMap(e=>{let{blocking:t,place:n,state:a}=e;return n&&(t||"available"===a)?[{fix:e,place:n}]:[]}),i=e.map(({platform:e})=>e),o=a.slice(0,9),l=a.slice(9);return o.map(({fix:e,place:t},n)=>{let a=n===o.length-1&&l.length>0?` ${restText(l.map(e=>e.fix))}`:"";return{level:e.blocking?"error":"warning",title:e.blocking?"Fails the gate":"Vulnerable package",message:`${messageOf(e,i)}${a}`,place:t}})}function keyOf({id:e,package:t}){return`${(0,a.MO)(t)} ${e}`}function messageOf(e,t){let{change:n,declaredIn:a,findings:r,removes:s}=e,[o,...l]=s.advisories,d=o?.title===void 0?"":`, ${o.title}`,c=l.slice(0,2).map(({id:e,severity:t})=>`${e} (${t})`),f=l.length-c.length,u=[`${o?.id??""} (${o?.severity??e.worst})${d}`,...c];f>0&&u.push(`and ${(0,i.hS)(f,"more advisory","more advisories")}`);let p=a?.via===void 0?"":` (required by ${(0,i.cz)(a.via)})`,m=[...new Set(r.flatMap(({platforms:e})=>e))],g=m.length<t.length?` on ${m.join(", ")}`:"";return`${(0,i.Iu)(n)}${p}: ${u.join("; ")}${g}.`}function restText(e){let t=e.filter(e=>e.blocking).length,n=t>0?`, ${t} of them required by the gate,`:"",a=1===e.length?"is":"are";return`${(0,i.hS)(e.length,"more change")}${n} ${a} in the job summary.`}var o=n(54310);function annotate(e,t){let n=annotationsFor(e);for(let{level:e,message:a,place:i,title:r}of n)t.log.warning(a,{file:i.file,line:i.line,title:r,level:e});return n.length}function warnOfLive({live:e,liveName:t,platform:n},a){let[r]=e;if(!r)return;let{name:s,version:o}=r.package,l=1===e.length?"it":"them";a.log.warning(`${n}: ${(0,i.hS)(e.length,"finding")} would fail the gate, but ${t??"the live image"} already has ${l}. Worst: ${r.id} (${r.severity}) in ${s} ${o}.`)}function announceExpiring(e,t){let[n,...a]=(0,o.c)(e,t.clock());if(!n)return;let r=a.length>0?` ${(0,i.hS)(a.length,"more exception")} end within 14 days.`:"",s=placeIn(n.from);t.log.warning(`${n.message}${r}`,s&&{...s,title:"An exception of the policy ends soon"})}function placeIn(e){let t=e?.lastIndexOf(":")??-1,n=e?.slice(0,t)??"",a=Number(e?.slice(t+1));return""===n||/[:@]/.test(n)||!Number.isSafeInteger(a)?void 0:{file:n,line:a}}},84313:(e,t,n)=>{n.d(t,{V:()=>nameOf,e:()=>commentingOwnFailure});var a=n(56335);function nameOf({env:e}){return e.GITHUB_REPOSITORY??"image"}function commentingOwnFailure(e,{comment:t,token:n},i,r){let s=nameOf(i);return(0,a.A)({action:e,image:s,token:n,isWanted:t,isReported:()=>!1},i,r)}},13597:(e,t,n)=>{n.d(t,{vy:()=>htmlPath,U1:()=>jsonPath,LH:()=>reportFindings,tK:()=>sarifPath});var a=n(76760),i=n(38522),r=n(55695),s=n(95957),o=n(77598),l=n(52800),d=n(83922),c=n(28552);let f=class Html{text;constructor(e){this.text=e}};let u={"&":"&amp;","<":"&lt;",">":"&gt;",'"':"&quot;","'":"&#39;","`":"&#96;"};function html(e,...t){return new f(e.map((e,n)=>e+(n<t.length?written(t[n]):"")).join(""))}function written(e){return void 0===e?"":e instanceof f?e.text:"number"==typeof e?String(e):"string"==typeof e?escaped(e):e.map(({text:e})=>e).join("")}function longText(e){return new f(escaped(e,5e3))}function escaped(e,t=500){return(0,d.cz)((0,l.RK)((0,d.cz)(e,t).toWellFormed()),t).replace(/[&<>"'`]/g,e=>u[e]??"")}let p=html``;function externalLink(e,t){return void 0!==t&&/^https?:\/\//i.test(t)&&URL.canParse(t)?html`<a href="${new URL(t).href}" rel="noreferrer noopener" target="_blank">${e}</a>`:html`<span>${e}</span>`}function withCode(e){return html`${e.split("`").map((e,t)=>t%2==0?html`${e}`:html`<code>${e}</code>`)}`}function folded(e,t,n){let a=e.slice(t);return html`${e.slice(0,t)}${a.length>0?n(a.length,a):p}`}function evidenceView({platforms:e},t){let{references:n=[],tags:a=[],verifyCommands:i=[]}=t??{},[r]=n,s=e.map(({digest:e,platform:n})=>{let a=t?.platforms?.find(e=>e.platform===n)?.scan,i=a?.database.built,r=i&&Number.isFinite(i.getTime())?i.toISOString().slice(0,10):"an unknown date",s=a?`${a.scanner.name} ${a.scanner.version}, database of ${r}`:"not scanned";return html`<dt>${n}</dt><dd><code>${e}</code> <span class="muted">${s}</span></dd>
`}),o=a.map(({outcome:e,reason:t="",tag:n})=>html`<tr><th scope="row"><code>${n}</code></th><td>${e}</td><td>${t}</td></tr>
`);return html`<section id="evidence" aria-labelledby="evidence-title">
<h2 id="evidence-title">Evidence</h2>
${void 0===r?p:html`<h3>Pull</h3>${code([`docker pull ${r}`])}`}
${0===i.length?p:html`<h3>Verify</h3>${code(i)}`}
${0===o.length?p:html`<table><caption>Tags</caption><thead><tr><th scope="col">Tag</th><th scope="col">Result</th><th scope="col">Why</th></tr></thead><tbody>${o}</tbody></table>`}
<h3>Manifests and scans</h3><dl>${s}</dl>
</section>`}function code(e){let t=e.flatMap(e=>e.split(`
`));return html`<div class="code-box"><pre class="code" tabindex="0">${t.map((e,t)=>html`${0===t?"":m}${longText(e)}`)}</pre></div>`}let m=html`
`;function changesView(e){return 0===e.length?p:html`<section id="changes" aria-labelledby="changes-title">
<h2 id="changes-title">Changes from the live image</h2>
${e.map((e,t)=>changeItem(e,0===t))}
</section>`}function changeItem({changes:e,digest:t,platform:n,tag:a},i){let{added:r,goneFindings:s,moved:o,newFindings:l,removed:d,size:f}=e,u=[`Packages: ${r.length} added, ${d.length} removed, ${o.length} changed.`,l&&s?`Findings: ${l.length} new (${(0,c.WN)(l)}), ${s.length} gone (${(0,c.WN)(s)}).`:"Findings: unknown, because one of the two was not scanned.",...f?[`Size: ${sizeText(f)}.`]:[]];return html`<details${i?html` open`:p}><summary><code>${a}</code> on ${n}</summary>
<ul>${u.map(e=>html`<li>${e}</li>`)}</ul>
${findingList("New findings",l)}${findingList("Findings that are gone",s)}${packageTable(e)}
<p class="muted">The live image is <code>${t}</code>. Its evidence was read without verifying signatures.</p></details>
`}function sizeText({from:e,to:t}){return e===t?`${(0,l.z3)(t)}, unchanged`:`${(0,l.z3)(t)}, ${(0,l.z3)(Math.abs(t-e))} ${t>e?"more":"less"}`}function findingList(e,t=[]){if(0===t.length)return p;let n=t.map(({id:e,package:{name:t,version:n},severity:a,url:i})=>html`<li>${a} ${externalLink(e,i)} in ${t} ${n}</li>
`);return html`<details><summary>${e}: ${t.length}</summary><ul>${n}</ul></details>`}function packageTable({added:e,moved:t,removed:n}){let a=[...t,...e,...n].map(({from:e,name:t,to:n,type:a})=>html`<tr><td>${t} <span class="muted">${a}</span></td><td>${e.join(", ")}</td><td>${n.join(", ")}</td></tr>
`);if(0===a.length)return p;let table=(e,t)=>html`<table><caption class="unseen">${t}</caption><thead><tr><th scope="col">Package</th><th scope="col">Live</th><th scope="col">This image</th></tr></thead><tbody>${e}</tbody></table>`;return html`<details><summary>Changed packages: ${a.length}</summary>${table(a.slice(0,20),"Changed packages")}${folded(a.slice(20),0,(e,t)=>html`<details><summary>${(0,d.hS)(e,"more package")}</summary>${table(t,"More changed packages")}</details>`)}</details>`}var g=n(85161),h=n(29333),$=n(91627),v=n(58945),b=n(37525);let w=["fails","warns","reported","suppressed"],y=["yes","no","wont"];function findingRows({platforms:e},t){return mergedBy(e.flatMap(e=>{let n=t?.platforms?.find(({platform:t})=>t===e.platform);return e.findings.map(t=>{let a=n?.causes&&(0,$.rl)(t,n.causes),i=n?.declared?.get((0,$.MO)(t.package));return{platform:e.platform,value:{...t,cause:a,declaredIn:i,source:sourceOf(a)||(t.place??"")}}})}),e=>{let{alreadyLive:t,blocking:n,fix:a,fixedIn:i,remedy:r,severity:s,source:o,suppressed:l}=e;return[(0,b.z3)(e),s,a,i,n,l,t,r,o]})}function packageRows({platforms:e},t){return mergedBy(e.flatMap(e=>{let n=t?.platforms?.find(({platform:t})=>t===e.platform)?.causes;return e.packages.map(t=>{let a=n?sourceOf((0,$.rl)({package:t},n)):"";return{platform:e.platform,value:{...t,source:a}}})}),({name:e,version:t,type:n,source:a,licenses:i})=>[e,t,n,a,i]).toSorted((e,t)=>e.name<t.name?-1:+(e.name>t.name))}function stateOf({alreadyLive:e,blocking:t,suppressed:n}){return void 0!==n?"suppressed":t?"fails":void 0===e?"reported":"warns"}function fixabilityOf(e){return(0,v.EQ)(e)?"yes":"wont-fix"===e.fix?"wont":"no"}function mergedBy(e,t){let n=new Map;for(let{platform:a,value:i}of e){let e=JSON.stringify(t(i)),r=n.get(e);r?r.platforms.add(a):n.set(e,{value:i,platforms:new Set([a])})}return[...n.values()].map(({platforms:e,value:t})=>({...t,platforms:[...e]}))}function sourceOf(e){if(!e)return"";let{file:t,layer:n,origin:a}=e;return void 0===a.line?`Layer ${n+1}`:`${t}:${a.line}`}let x={fails:"Fails the gate",warns:"Warning: the live image has it",reported:"Reported only",suppressed:"Suppressed"},k={yes:"Fix available",no:"No fix yet",wont:"Won't be fixed"};function findingsView(e,t,n){if(0===e.length)return section(html`<p>${n?"The scanner found no known vulnerability in this image.":"This image was not scanned."}</p>`);let a=[...new Set(e.map(({source:e})=>e))].filter(e=>""!==e).toSorted(),isSuppressed=e=>"suppressed"===stateOf(e),i=[e.filter(e=>!isSuppressed(e)),e.filter(isSuppressed)].flatMap(e=>(0,h.f)(e,e=>"fails"===stateOf(e))),r=i.map(e=>groupItem(e,t,a)),s=`${(0,d.hS)(e.length,"finding")} in ${(0,d.hS)(i.length,"change")}`;return section(html`${filters(e,t,a)}
<p id="count" class="muted" role="status" aria-live="polite">${s}</p>
<ul id="groups" class="groups">${folded(r,12,(e,t)=>html`<li class="rest"><details><summary>${(0,d.hS)(e,"more change")}</summary><ul class="groups">${t}</ul></details></li>`)}</ul>
<p class="more" hidden><button type="button" id="more">Show more</button></p>`)}function section(e){return html`<section id="fixes" aria-labelledby="fixes-title">
<h2 id="fixes-title">Findings by fix</h2>
${e}
</section>`}function filters(e,t,n){let a=g.Yy.filter(t=>e.some(e=>e.severity===t)).map(t=>{let n=e.filter(e=>e.severity===t).length;return html`<label class="box"><input type="checkbox" name="severity" value="${t}">${chip(t)} <span class="muted">${n}</span></label>`}),i=w.filter(t=>e.some(e=>stateOf(e)===t)),r=y.filter(t=>e.some(e=>fixabilityOf(e)===t));return html`<form id="filter" role="search" aria-label="Filter findings" hidden>
<fieldset><legend>Severity</legend>${a}</fieldset>
<div class="fields">
<label class="wide">Search<input type="search" name="q" placeholder="Package, advisory, path" autocomplete="off"></label>
${findings_view_select("state","Gate",i.map(e=>[e,x[e]]))}
${findings_view_select("fix","Fix",r.map(e=>[e,k[e]]))}
${t.length>1?findings_view_select("platform","Platform",t.map(e=>[e,e])):p}
${n.length>0?findings_view_select("from","Added by",n.map(e=>[e,e])):p}
<label>Sort by<select name="sort"><option value="">Most urgent</option><option value="severity">Severity</option><option value="name">Name</option><option value="count">Most findings</option></select></label>
<button type="reset">Clear filters</button>
</div>
</form>`}function findings_view_select(e,t,n){let a=n.map(([e,t])=>html`<option value="${e}">${t}</option>`);return html`<label>${t}<select name="${e}"><option value="">All</option>${a}</select></label>`}function chip(e){return html`<span class="chip s-${e}">${e}</span>`}function stateTag(e){let t={fails:"✕",warns:"!",reported:"",suppressed:"–"}[e];return""===t?p:html`<span class="tag t-${e}"><span aria-hidden="true">${t}</span> ${x[e]}</span>`}function groupItem(e,t,n){let{change:a,findings:i,place:r,removes:s,worst:o}=e,[l]=i,c=e.blocking?"fails":l?stateOf(l):"reported",f=r?html` <code class="where">${`${r.file}:${r.line}`}</code>`:p,u=s.advisories.slice(0,3).map(({id:e,title:t})=>t?`${e}: ${t}`:e),m=s.advisories.length-u.length;return html`<li class="group"><details>
<summary>${chip(o)}<span class="what"><span class="title">${(0,d.Iu)(a)}</span>${f}<span class="named">${u.join(" \xb7 ")}${m>0?` and ${m} more`:""}</span></span><span class="side">${stateTag(c)}<span class="muted">${(0,d.hS)(i.length,"finding")}</span></span></summary>
<ul class="findings">${i.map(e=>findingItem(e,t,n))}</ul>
</details></li>
`}function findingItem(e,t,n){let{aliases:a,cvss:i,declaredIn:r,locations:s,source:o,title:l}=e,{name:d,type:f,version:u}=e.package,[m,g]=[stateOf(e),fixabilityOf(e)],h=e.platforms.map(e=>t.indexOf(e)).join(" "),$=(0,c.Xc)(e)||k[g],v=[html`<span>${d} ${u} <span class="muted">${f}</span></span>`,html`<span><span class="muted">Fix:</span> ${$}</span>`,i?html`<span><span class="muted">CVSS ${i.version}:</span> ${i.score.toFixed(1)}</span>`:p,e.knownExploited?html`<span class="tag t-fails">Known to be exploited</span>`:p,r?html`<code>${r.line?`${r.file}:${r.line}`:r.file}</code>`:p,""===o?p:html`<code>${o}</code>`,void 0===s[0]?p:html`<code>${s[0]}</code>`,t.length<2?p:html`<span>${e.platforms.length===t.length?"all platforms":e.platforms.join(", ")}</span>`];return html`<li data-s="${e.severity}" data-g="${m}" data-f="${g}" data-p="${h}" data-l="${n.indexOf(o)}">
<div class="head">${chip(e.severity)}<strong>${externalLink(e.id,e.url)}</strong>${l?html`<span>${l}</span>`:p}${a.length>0?html`<span class="muted">${a.slice(0,3).join(", ")}</span>`:p}${stateTag(m)}</div>
<div class="facts">${v}</div>${remark(e)}</li>
`}function remark(e){if(void 0!==e.suppressed)return html`<div class="remark">Suppressed: ${e.suppressed}</div>`;let t=void 0===e.alreadyLive?"":`Warning only: ${e.alreadyLive} already has it. `,n=`${t}${e.remedy??""}`;return""===n?p:html`<div class="remark">${n}</div>`}var S=n(12805);function headerView(e,t,n,a){let{kind:i,mark:r,text:s}=verdictOf(e,t),o=t?.verdict?.decidedOn,l=o&&Number.isFinite(o.getTime())?o.toISOString():void 0,d=void 0===l?p:html` <time datetime="${l}">${minute(l)}</time>`,c=t?.publication&&!1!==e.passed?html`<p>${t.publication.why}</p>`:p;return html`<header>
<p class="brand">Tidegate report</p>
<h1>${e.name}</h1>
<p class="line"><strong id="verdict" class="verdict v-${i}"><span aria-hidden="true">${r}</span> ${s}</strong></p>
${c}<p class="muted line"><span>Digest</span> <code>${e.digest}</code>${d}</p>
${tiles(e,n,a)}
</header>`}function verdictOf({passed:e},t){return void 0===e?{kind:"none",mark:"–",text:"No verdict"}:e?{kind:"pass",mark:"✓",text:t?.rescan!==void 0||t?.publication?.published===!0?"Published: the gate passed":"The gate passed"}:{kind:"fail",mark:"✕",text:t?.rescan?"Published, but no longer passes the gate":"Not published: the gate failed"}}function minute(e){return`${e.slice(0,10)} ${e.slice(11,16)} UTC`}function tiles(e,t,n){let a=t.filter(e=>"suppressed"!==stateOf(e)),i=t.length-a.length,r=g.Yy.flatMap((e,t)=>{let n=a.filter(t=>t.severity===e).length;return 0===n&&t>2?[]:[tile(chip(e),String(n),n>0?`#severity=${e}`:void 0)]}),s=a.filter(e=>"fails"===stateOf(e)).length,o=a.filter(e=>"yes"===fixabilityOf(e)).length,d=Math.max(0,...e.platforms.map(({layers:e})=>e.reduce((e,{size:t})=>e+t,0))),c=Math.max(0,...e.platforms.map(e=>e.layers.length));return html`<ul class="tiles" aria-label="Counts">
${tile(html`Fail the gate`,String(s),s>0?"#state=fails":void 0)}
${r}
${tile(html`Fix available`,String(o),o>0?"#fix=yes":void 0)}
${i>0?tile(html`Suppressed`,String(i),"#state=suppressed"):p}
${tile(html`Packages`,String(n),"#packages")}
${tile(html`Compressed`,(0,l.z3)(d),"#layers")}
${tile(html`Layers`,String(c),"#layers")}
${e.platforms.length>1?tile(html`Platforms`,String(e.platforms.length),"#layers"):p}
</ul>`}function tile(e,t,n){let a=html`<span class="value">${t}</span> <span class="label">${e}</span>`;return void 0===n?html`<li><span class="tile">${a}</span></li>
`:html`<li><a class="tile" href="${n}">${a}</a></li>
`}function gateView(e){if(0===e.length)return p;let of=t=>e.filter(e=>e.outcome===t),t=of("fail").map(failure);return html`<section id="gate" aria-labelledby="gate-title">
<h2 id="gate-title">Gate</h2>
${0===t.length?p:html`<ul id="failed" class="failed">${folded(t,5,(e,t)=>html`<li><details><summary>${(0,d.hS)(e,"more failure")}</summary><ul class="failed">${t}</ul></details></li>`)}</ul>`}
${others(of("pass"),"✓","passed")}
${others(of("not-applicable"),"–","not applicable")}
</section>`}function failure({rule:e,why:t}){return html`<li><strong class="bad"><span aria-hidden="true">✕</span> ${e}</strong> <span class="why">${longText(t)}</span> <span class="next">${withCode(S.z[e])}</span></li>
`}function others(e,t,n){if(0===e.length)return p;let a=e.map(({rule:e,why:n})=>html`<tr><th scope="row"><span aria-hidden="true">${t}</span> ${e}</th><td>${longText(n)}</td></tr>
`);return html`<details><summary>${(0,d.hS)(e.length,"rule")} ${n}</summary>
<table><caption class="unseen">Rules, ${n}</caption><thead><tr><th scope="col">Rule</th><th scope="col">Why</th></tr></thead><tbody>${a}</tbody></table></details>
`}function layersView({platforms:e},t){return e.every(({layers:e})=>0===e.length)?p:html`<section id="layers" aria-labelledby="layers-title">
<h2 id="layers-title">Layers</h2>
${e.map((e,n)=>platformView(e,t,0===n))}
</section>`}function platformView(e,t,n){let{layers:a}=e,i=a.reduce((e,{size:t})=>e+t,0),r=t?.platforms?.find(t=>t.platform===e.platform),s=r?.contents?.layers??[],o=s.reduce((e,t)=>e+wasteOf(t),0),c=broughtBy(e,r?.causes),f=runsOf(a.map((e,t)=>({layer:e,at:t,facts:s[t],brought:c(t)}))),u=Math.max(1,...f.map(sizeOf)),m=f.map(e=>runItem(e,u,a)),g=`${e.platform}: ${(0,d.hS)(a.length,"layer")}, ${(0,l.z3)(i)} compressed`,h=o>=65536?`, ${(0,l.z3)(o)} unpacked wasted`:"";return html`<details class="platform"${n?html` open`:p}><summary>${g}${h}</summary>
${stack(a,i,g)}
<ol class="layers">${folded(m,12,(e,t)=>html`<li class="rest"><details><summary>${(0,d.hS)(e,"more layer")}</summary><ol class="layers">${t}</ol></details></li>`)}</ol></details>
`}function stack(e,t,n){let a=0,i=e.map((e,n)=>{let i=1e3*e.size/Math.max(t,1),r=html`<rect class="${colourOf(e,n)}" x="${a.toFixed(2)}" width="${i.toFixed(2)}" height="24"><title>${nameOf(e,n)}</title></rect>`;return a+=i,r});return html`<svg class="stack" viewBox="0 0 ${1e3} 24" preserveAspectRatio="none" role="img" aria-label="${n}">${i}</svg>`}function nameOf({made:e="",place:t,size:n},a){return`Layer ${a+1}, ${(0,l.z3)(n)}${void 0===t?"":`, ${t}`}${""===e?"":`: ${e}`}`}function runsOf(e){let t=[];for(let n of e){let e=t.at(-1),a=isBase(n.layer)&&e?.[0].layer.made===n.layer.made&&e?.[0].layer.place===n.layer.place;e&&a?e.push(n):t.push([n])}return t}function isBase({made:e=""}){return e.startsWith("base image ")}function sizeOf(e){return e.reduce((e,{layer:t})=>e+t.size,0)}function runItem(e,t,n){let[{at:a}]=e;if(1===e.length)return layerItem(e,t,n);let i=e.map(t=>layerItem([t],Math.max(1,...e.map(e=>e.layer.size)),n)),r=html`<details class="parts"><summary>Layers ${a+1} to ${a+e.length}</summary><ol class="layers">${i}</ol></details>`;return layerItem(e,t,n,r)}function layerItem(e,t,n,a=p){let[{at:i,facts:r,layer:s}]=e,sum=t=>e.reduce((e,n)=>e+t(n),0),o=sizeOf(e),c=100*o/t,f=sum(e=>e.facts?.unpacked??0),u=sum(e=>e.facts?wasteOf(e.facts):0),m=f>0?c*Math.min(1,u/f):0,g=s.place??`Layer ${i+1}`,[h,$]=[sum(({brought:e})=>e.packages),sum(({brought:e})=>e.findings)],v=[r?html`<span>${(0,l.z3)(f)} unpacked, ${(0,d.hS)(sum(e=>e.facts?.entries??0),"file")}</span>`:p,h>0?html`<span>${(0,d.hS)(h,"package")}</span>`:p,$>0?html`<a href="#from=${encodeURIComponent(g.toWellFormed())}">${(0,d.hS)($,"finding")}</a>`:p],b=1===e.length?`${i+1}`:`${i+1}–${i+e.length}`,w=u>=65536?wasteText(e.flatMap(e=>e.facts?.wasted??[]),n):p;return html`<li><div class="head"><span class="number" aria-hidden="true">${b}</span><svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="${colourOf(s,i)}" width="${c.toFixed(1)}" height="8"/><rect class="lost" x="${(c-m).toFixed(1)}" width="${m.toFixed(1)}" height="8"/></svg><strong class="size">${(0,l.z3)(o)}</strong></div>
<div class="facts">${void 0===s.place?p:html`<code>${s.place}</code>`}${v}</div>
<div class="made">${s.made??r?.createdBy??s.digest}</div>
${w}${a}</li>
`}function colourOf(e,t){return`c${isBase(e)?0:1+t%5}`}function wasteOf({wasted:e=[]}){return e.reduce((e,{bytes:t})=>e+t,0)}function wasteText(e,t){let n=new Map;for(let{by:a,bytes:i}of e){let e=t[a]?.place??`layer ${a+1}`;n.set(e,(n.get(e)??0)+i)}let a=[...n].filter(([,e])=>e>=65536).map(([e,t])=>`${(0,l.z3)(t)} deleted or overwritten by ${e}`);return 0===a.length?p:html`<div class="waste"><strong>Waste:</strong> ${a.join("; ")}</div>`}function broughtBy({findings:e,packages:t},n){let a=new Map;if(n){let i=new Map(n.diffIds.map((e,t)=>[e,t])),note=(e,t)=>{let r=n.packages.get((0,$.MO)(e)),s=void 0===r?void 0:i.get(r);if(void 0===s)return;let o=a.get(s)??{packages:0,findings:0};o[t]+=1,a.set(s,o)};for(let e of t)note(e,"packages");for(let t of e)note(t.package,"findings")}return e=>a.get(e)??{packages:0,findings:0}}function packagesView(e,t){if(0===e.length)return p;let n=t.length>1,a=e.map(e=>packageItem(e,n,t.length)),table=(e,t)=>html`<table>
<caption class="unseen">${t}</caption>
<thead><tr><th scope="col">Package</th><th scope="col">Version</th><th scope="col">Licences</th><th scope="col">Added by</th>${n?html`<th scope="col">Platforms</th>`:p}</tr></thead>
<tbody>${e}</tbody></table>`;return html`<section id="packages" aria-labelledby="packages-title">
<h2 id="packages-title">Packages and licences</h2>
${counts("By type",e.map(({type:e})=>e))}
${counts("By licence",e.flatMap(({licenses:e})=>0===e.length?["none stated"]:e))}
<form id="package-filter" role="search" aria-label="Filter packages" hidden><div class="fields"><label class="wide">Search<input type="search" name="q" placeholder="Name, version, type, licence" autocomplete="off"></label></div></form>
<p id="package-count" class="muted" role="status" aria-live="polite">${(0,d.hS)(e.length,"package")}</p>
<div id="package-list">${table(a.slice(0,10),"Packages")}${a.length>10?html`<details class="rest"><summary>${(0,d.hS)(a.length-10,"more package")}</summary>${table(a.slice(10),"More packages")}</details>`:p}</div>
<p class="more" hidden><button type="button" id="more-packages">Show more</button></p>
</section>`}function packageItem({licenses:e,name:t,platforms:n,source:a,type:i,version:r},s,o){let l=n.length===o?"all":n.join(", ");return html`<tr><td>${t} <span class="muted">${i}</span></td><td>${r}</td><td>${e.join(", ")}</td><td>${""===a?p:html`<code>${a}</code>`}</td>${s?html`<td>${l}</td>`:p}</tr>
`}function counts(e,t){let n=new Map;for(let e of t)n.set(e,(n.get(e)??0)+1);let a=[...n].toSorted(([,e],[,t])=>t-e).map(([e,t])=>html`<li><span>${e}</span> <strong>${t}</strong></li>
`);return html`<div class="counts"><h3>${e}</h3><ul>${folded(a,12,(e,t)=>html`<li class="rest"><details><summary>${e} more</summary><ul>${t}</ul></details></li>`)}</ul></div>`}let O=`
'use strict';
(() => {
  const find = (query, of = document) => of.querySelector(query);
  const all = (query, of = document) => [...of.querySelectorAll(query)];
  const RANK = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'];
  const PAGE = 12;
  const MORE = 50;

  // Without this script the rest of a list is folded; here it is shown page by page.
  const unfold = (list, rest, items) => {
    list.append(...items(rest));
    rest.remove();
  };

  const filter = find('#filter');
  if (filter) {
    const list = find('#groups');
    const rest = find('#groups > .rest');
    if (rest) unfold(list, rest, (from) => all('.group', from));
    const groups = all('.group', list).map((element, order) => {
      const rows = all('.findings > li', element).map((row) => ({ element: row, ...row.dataset, p: row.dataset.p.split(' '), text: row.textContent.toLowerCase() }));
      const title = find('.title', element).textContent;
      return { element, order, rows, title, text: title.toLowerCase(), worst: Math.min(...rows.map((row) => RANK.indexOf(row.s))), count: rows.length };
    });
    const total = groups.reduce((sum, group) => sum + group.rows.length, 0);
    const ORDERS = { '': (a, b) => a.order - b.order, severity: (a, b) => a.worst - b.worst || a.order - b.order, name: (a, b) => a.title.localeCompare(b.title), count: (a, b) => b.count - a.count || a.order - b.order };
    const field = (name) => filter.elements[name];
    const boxes = all('[name=severity]', filter);
    const optionAt = (name) => { const input = field(name); return input && input.value !== '' ? input.selectedIndex - 1 : -1; };
    let shown = PAGE;
    let sorted = '';

    const show = () => {
      const severities = boxes.filter((box) => box.checked).map((box) => box.value);
      const words = field('q').value.toLowerCase().split(/ +/).filter(Boolean);
      const [state, fix, sort] = ['state', 'fix', 'sort'].map((name) => field(name).value);
      const [platform, from] = [optionAt('platform'), optionAt('from')];
      let found = 0;
      for (const group of groups) {
        group.count = 0;
        for (const row of group.rows) {
          const fits = (severities.length === 0 || severities.includes(row.s)) && (state === '' || row.g === state) && (fix === '' || row.f === fix) && (platform < 0 || row.p.includes(String(platform))) && (from < 0 || row.l === String(from)) && words.every((word) => row.text.includes(word) || group.text.includes(word));
          if (row.element.hidden === fits) row.element.hidden = !fits;
          if (fits) group.count += 1;
        }
        found += group.count;
      }
      if (sort !== sorted || sort === 'count') {
        list.append(...groups.sort(ORDERS[sort] || ORDERS['']).map((group) => group.element));
        sorted = sort;
      }
      let at = 0;
      for (const group of groups) {
        const visible = group.count > 0 && at < shown;
        if (group.count > 0) at += 1;
        if (group.element.hidden === visible) group.element.hidden = !visible;
      }
      // The few that a search finds need no click.
      if (words.length > 0 && at > 0 && at < 4) for (const group of groups) if (group.count > 0) find('details', group.element).open = true;
      list.hidden = at === 0;
      find('#more').parentElement.hidden = at <= shown;
      find('#more').textContent = 'Show ' + Math.min(MORE, at - shown) + ' more of ' + (at - shown);
      find('#count').textContent = found + ' of ' + total + (total === 1 ? ' finding' : ' findings') + ', in ' + at + ' of ' + groups.length + (groups.length === 1 ? ' change' : ' changes');
    };

    const NAMES = ['q', 'state', 'fix', 'platform', 'from', 'sort'];
    const remember = () => {
      const values = new URLSearchParams();
      const severities = boxes.filter((box) => box.checked).map((box) => box.value);
      if (severities.length > 0) values.set('severity', severities.join(','));
      for (const name of NAMES) if (field(name) && field(name).value !== '') values.set(name, field(name).value);
      const text = values.toString().replaceAll('%2C', ',').replaceAll('%2F', '/');
      if (text !== location.hash.slice(1)) history.replaceState(null, '', '#' + text);
    };
    const recall = () => {
      // Others are the address of a section.
      if (!location.hash.includes('=')) return false;
      const values = new URLSearchParams(location.hash.slice(1));
      const severities = (values.get('severity') || '').split(',');
      for (const box of boxes) box.checked = severities.includes(box.value);
      for (const name of NAMES) {
        const input = field(name);
        if (!input) continue;
        input.value = values.get(name) || '';
        if (input.selectedIndex < 0) input.value = '';
      }
      return true;
    };
    const changed = () => { shown = PAGE; show(); remember(); };
    filter.addEventListener('input', changed);
    filter.addEventListener('submit', (event) => event.preventDefault());
    filter.addEventListener('reset', () => setTimeout(changed));
    find('#more').addEventListener('click', () => {
      const before = shown;
      shown += MORE;
      show();
      const next = all('.group:not([hidden])', list)[before];
      if (next) find('summary', next).focus();
    });
    addEventListener('hashchange', () => {
      if (!recall()) return;
      shown = PAGE;
      show();
      find('#fixes').scrollIntoView();
    });
    filter.hidden = false;
    if (recall()) find('#fixes').scrollIntoView();
    show();
  }

  const packages = find('#package-filter');
  if (packages) {
    const body = find('#package-list tbody');
    const rest = find('#package-list > .rest');
    if (rest) unfold(body, rest, (from) => all('tbody tr', from));
    const rows = all('tr', body).map((element) => ({ element, text: element.textContent.toLowerCase() }));
    const search = find('[name=q]', packages);
    const FIRST = 10;
    let shown = FIRST;
    const show = () => {
      const words = search.value.toLowerCase().split(/ +/).filter(Boolean);
      let at = 0;
      for (const row of rows) {
        const fits = words.every((word) => row.text.includes(word));
        const visible = fits && at < shown;
        if (fits) at += 1;
        if (row.element.hidden === visible) row.element.hidden = !visible;
      }
      find('#package-count').textContent = at + ' of ' + rows.length + (rows.length === 1 ? ' package' : ' packages');
      find('#more-packages').parentElement.hidden = at <= shown;
    };
    packages.addEventListener('input', () => { shown = FIRST; show(); });
    packages.addEventListener('submit', (event) => event.preventDefault());
    find('#more-packages').addEventListener('click', () => { shown += 2 * MORE; show(); });
    packages.hidden = false;
    show();
  }

  for (const code of all('pre.code')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.addEventListener('click', async () => {
      try { await navigator.clipboard.writeText(code.textContent); button.textContent = 'Copied'; } catch { getSelection().selectAllChildren(code); }
    });
    code.parentElement.append(button);
  }

  // Paper cannot be unfolded.
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = all('details:not([open])');
    for (const one of opened) one.open = true;
  });
  addEventListener('afterprint', () => {
    for (const one of opened) one.open = false;
  });
})();
`,M=`
:root { color-scheme: light dark; --bg: #fff; --fg: #1f2328; --muted: #59636e; --line: #d1d9e0; --soft: #f6f8fa; --accent: #0969da; --bad: #cf222e; --good: #1a7f37; --warn: #8a5a00; --bad-bg: #ffebe9; --good-bg: #dafbe1; --warn-bg: #fff8c5; --high: #a04100; --low: #0550ae;
  --c0: #54aeff; --c1: #4ac26b; --c2: #d4a72c; --c3: #c297ff; --c4: #fb8f44; --c5: #ff80c8; }
@media (prefers-color-scheme: dark) { :root { --bg: #0d1117; --fg: #f0f6fc; --muted: #9aa4af; --line: #3d444d; --soft: #151b23; --accent: #58a6ff; --bad: #ff7b72; --good: #4ac26b; --warn: #e3b341; --bad-bg: #3b1519; --good-bg: #12301c; --warn-bg: #33270b; --high: #ffa657; --low: #79c0ff;
  --c0: #1f6feb; --c1: #238636; --c2: #9e6a03; --c3: #8957e5; --c4: #bd561d; --c5: #bf4b8a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.5rem 3rem; max-width: 72rem; background: var(--bg); color: var(--fg); font: 14px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .6rem; font-weight: 600; }
h2 { font-size: 1.2rem; margin: 0 0 .75rem; padding-bottom: .35rem; border-bottom: 1px solid var(--line); font-weight: 600; }
h3 { font-size: .95rem; margin: .75rem 0 .35rem; font-weight: 600; }
p { margin: .35rem 0; }
section { margin-top: 2rem; scroll-margin-top: 3.5rem; }
a { color: var(--accent); }
code, pre { font: 12px/1.5 ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
code { background: var(--soft); padding: .1em .35em; border-radius: .3rem; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: .4rem; padding: .75rem; margin: .35rem 0 .75rem; white-space: pre-wrap; }
dl { margin: .35rem 0; } dt { font-weight: 600; } dd { margin: 0 0 .5rem; }
.code-box { position: relative; } .code-box pre { padding-right: 5rem; } .copy { position: absolute; top: .4rem; right: .4rem; font-size: 12px; min-height: 0; padding: .15rem .5rem; }
ul, ol { margin: 0; padding: 0; list-style: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: .2rem; }
.muted { color: var(--muted); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -100vw; } .skip:focus { left: 1rem; top: .5rem; background: var(--bg); padding: .25rem .5rem; z-index: 3; }
.brand { color: var(--muted); font-weight: 600; margin: 0; }
.line { display: flex; flex-wrap: wrap; gap: .35rem .6rem; align-items: center; }
.verdict { font-size: 1rem; padding: .3rem .8rem; border-radius: 2rem; border: 1px solid; }
.v-fail { color: var(--bad); background: var(--bad-bg); } .v-pass { color: var(--good); background: var(--good-bg); } .v-none { color: var(--muted); }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.2rem, 1fr)); gap: .5rem; margin: 1rem 0 0; }
.tile { display: flex; flex-direction: column; gap: .15rem; height: 100%; padding: .55rem .6rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--soft); color: var(--fg); text-decoration: none; }
a.tile:hover { border-color: var(--accent); }
.tile .value { font-size: 1.05rem; font-weight: 600; line-height: 1.2; white-space: nowrap; font-variant-numeric: tabular-nums; }
.tile .label { color: var(--muted); font-size: 12px; }
nav { position: sticky; top: 0; z-index: 2; background: var(--bg); border-bottom: 1px solid var(--line); margin: 1rem -1.5rem 0; padding: 0 1.5rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1rem; } nav a { display: block; padding: .5rem 0; color: var(--fg); text-decoration: none; } nav a:hover { text-decoration: underline; }
summary { cursor: pointer; padding: .35rem 0; }
.failed > li { border-left: 3px solid var(--bad); padding: .35rem .75rem; margin: .5rem 0; background: var(--soft); border-radius: 0 .4rem .4rem 0; }
.failed > li > details { margin: 0; } .bad { color: var(--bad); } .why, .next { display: block; } .next::before { content: "\\2192\\00a0"; } .next { color: var(--muted); }
form { background: var(--soft); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; margin-bottom: .5rem; }
fieldset { border: 0; margin: 0 0 .6rem; padding: 0; display: flex; flex-wrap: wrap; gap: .35rem 1rem; align-items: center; } legend { float: left; padding: 0; margin-right: 1rem; font-size: 12px; color: var(--muted); }
.box { display: inline-flex; align-items: center; gap: .35rem; } .box input { accent-color: var(--accent); margin: 0; width: 1rem; height: 1rem; }
.fields { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; } .fields label { display: flex; flex-direction: column; font-size: 12px; color: var(--muted); flex: 1 1 8rem; min-width: 0; } .fields .wide { flex: 2 1 14rem; }
input[type=search], select, button { font: inherit; font-size: 14px; color: var(--fg); background: var(--bg); border: 1px solid var(--line); border-radius: .4rem; padding: .3rem .55rem; min-height: 2.1rem; width: 100%; min-width: 0; } button { width: auto; cursor: pointer; font-weight: 500; } button:hover { border-color: var(--muted); }
::placeholder { color: var(--muted); opacity: 1; }
.groups { border: 1px solid var(--line); border-radius: .5rem; } .groups .groups { border: 0; } .groups > li + li { border-top: 1px solid var(--line); } .rest > details > summary { padding: .5rem .75rem; color: var(--accent); }
.group > details > summary { display: flex; gap: .75rem; align-items: baseline; padding: .55rem .75rem; list-style-position: outside; } .group > details > summary::before { content: "\\25B8"; color: var(--muted); } .group > details[open] > summary::before { content: "\\25BE"; } .group > details > summary:hover { background: var(--soft); }
.group > details > summary > .chip { flex: 0 0 5.4rem; } .what { flex: 1; min-width: 0; } .title { font-weight: 600; } .named { display: block; color: var(--muted); font-size: 12px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; } .side { display: flex; flex-wrap: wrap; gap: .25rem .75rem; justify-content: end; align-items: baseline; }
.chip { display: inline-block; min-width: 4.6rem; text-align: center; font-size: 12px; font-weight: 600; line-height: 1.5; padding: 0 .5rem; border: 1px solid; border-radius: 1rem; text-transform: capitalize; color: var(--muted); white-space: nowrap; }
.s-critical { color: var(--bad); background: var(--bad-bg); } .s-high { color: var(--high); } .s-medium { color: var(--warn); } .s-low { color: var(--low); } .tile .chip { border: 0; background: none; padding: 0; min-width: 0; }
.tag { font-size: 12px; font-weight: 600; white-space: nowrap; } .t-fails { color: var(--bad); } .t-warns { color: var(--warn); } .t-suppressed { color: var(--muted); }
.findings { background: var(--soft); border-top: 1px solid var(--line); padding: 0 .75rem 0 2rem; } .findings code { background: var(--bg); } .findings > li { padding: .55rem 0; } .findings > li + li { border-top: 1px solid var(--line); }
.head, .facts { display: flex; flex-wrap: wrap; gap: .2rem .75rem; align-items: baseline; } .facts { color: var(--fg); font-size: 13px; } .remark { color: var(--muted); font-size: 13px; } .advisory { font-weight: 400; }
.more { text-align: center; margin: .75rem 0; } [hidden] { display: none !important; }
.platform + .platform { margin-top: .5rem; } .platform > summary { font-weight: 600; }
.stack { display: block; width: 100%; height: 1.75rem; border-radius: .4rem; margin: .35rem 0 .5rem; } rect { stroke: var(--bg); stroke-width: 1; vector-effect: non-scaling-stroke; } .c0 { fill: var(--c0); } .c1 { fill: var(--c1); } .c2 { fill: var(--c2); } .c3 { fill: var(--c3); } .c4 { fill: var(--c4); } .c5 { fill: var(--c5); } .lost { fill: var(--bad); stroke-width: 0; }
.layers > li { padding: .4rem 0; } .layers > li + li { border-top: 1px solid var(--line); } .layers .head { flex-wrap: nowrap; align-items: center; } .parts { margin: 0 0 0 2.25rem; color: var(--muted); font-size: 13px; } .number { min-width: 1.5rem; color: var(--muted); text-align: right; font-variant-numeric: tabular-nums; } .bar { flex: 1; min-width: 0; height: .75rem; background: var(--soft); border-radius: .2rem; } .size { min-width: 5.5rem; text-align: right; font-variant-numeric: tabular-nums; } .layers .facts, .made, .waste { padding-left: 2.25rem; } .made { color: var(--muted); font: 12px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; } .waste { font-size: 13px; } .waste strong { color: var(--bad); }
.counts { display: flex; gap: .25rem .75rem; align-items: baseline; margin: .25rem 0; } .counts h3 { margin: 0; min-width: 5rem; font-size: 13px; } .counts ul { display: flex; flex-wrap: wrap; gap: .25rem .5rem; min-width: 0; } .counts li:not(.rest) { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .6rem; font-size: 12px; } .counts .rest > details > summary { padding: 0; font-size: 12px; }
table { border-collapse: collapse; width: 100%; margin: .35rem 0 .75rem; } caption { text-align: left; font-weight: 600; padding: .35rem 0; } th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); } thead th { font-size: 12px; color: var(--muted); } tbody th { font-weight: 600; }
#changes details ul { padding-left: 1.25rem; list-style: disc; } details details { margin-left: .5rem; } .group details, .rest details, #package-list details { margin-left: 0; }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); font-size: 12px; }
@media (max-width: 40rem) { body { padding: 1rem 1rem 2rem; } nav { margin: 1rem -1rem 0; padding: 0 1rem; font-size: 13px; } nav ul { gap: 0 .7rem; } .tiles { grid-template-columns: repeat(3, 1fr); } .tile { padding: .45rem .5rem; } .group > details > summary { flex-wrap: wrap; gap: .25rem .5rem; } .what { flex: 1 1 60%; } .side { flex: 1 1 100%; justify-content: start; padding-left: 1.4rem; } .findings { padding: 0 .75rem; } .layers .facts, .made, .waste { padding-left: 0; } .counts { display: block; } #packages table { table-layout: fixed; font-size: 13px; } #packages td:nth-child(4), #packages th:nth-child(4) { display: none; } #packages th:nth-child(1) { width: 38%; } #packages th:nth-child(2) { width: 24%; } .tile .value { font-size: 1rem; } }
@media (forced-colors: active) { rect { forced-color-adjust: none; } }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print { body { max-width: none; padding: 0; } nav, form, .more, .skip, .copy { display: none !important; } details::details-content { content-visibility: visible; display: block; height: auto; } .groups > li, .layers > li, tr { break-inside: avoid; } .made { display: block; } a { color: inherit; } [hidden]:not(form, .more) { display: revert !important; } }
`;function reportHtml(e,t){let n=`default-src 'none'; script-src '${hashOf(O)}'; style-src '${hashOf(M)}'; base-uri 'none'; form-action 'none'`;return`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${n}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
${html`<title>Tidegate: ${e.name}</title>`.text}
<style>${M}</style>
</head>
<body>
${body(e,t).text}
<script>${O}<\/script>
</body>
</html>
`}function body(e,t){let n=[...new Set(e.platforms.map(({platform:e})=>e))],a=findingRows(e,t),i=packageRows(e,t),r=[gateView(e.rules),findingsView(a,n,e.platforms.length>0),layersView(e,t),packagesView(i,n),evidenceView(e,t),changesView(t?.changes??[])],s=z.filter(([e])=>r.some(({text:t})=>t.startsWith(`<section id="${e}"`)));return html`<a class="skip" href="#fixes">Skip to the findings</a>
${headerView(e,t,a,i.length)}
${0===s.length?p:html`<nav aria-label="Sections"><ul>${s.map(([e,t])=>html`<li><a href="#${e}">${t}</a></li>`)}</ul></nav>`}
<main id="report">
${r}
</main>
<footer class="muted"><p>Made by Tidegate. This page works offline and sends nothing.</p></footer>`}let z=[["gate","Gate"],["fixes","Findings"],["layers","Layers"],["packages","Packages"],["evidence","Evidence"],["changes","Changes"]];function hashOf(e){return`sha256-${(0,o.createHash)("sha256").update(e).digest("base64")}`}var F=n(86703);function reportJson(e,t,n){let{changes:a,others:i=[],platforms:r=[],publication:s,rescan:o,tags:l,verdict:d}=t,c=t.references&&[t,...i].flatMap(e=>e.references??[]),f={version:1,image:{name:e.name,digest:e.digest},verdict:d,publication:s,tags:l,references:c,platforms:e.platforms.map(e=>{let{scan:t,contents:n,size:a}=r.find(({platform:t})=>t===e.platform)??{};return{platform:e.platform,digest:e.digest,size:a,scan:t&&{scanner:t.scanner,database:t.database,finishedOn:t.finishedOn,sbom:t.sbom},layers:e.layers.map((e,t)=>({...e,wasted:n?.layers[t]?.wasted})),packages:e.packages,findings:e.findings,contents:n&&{traces:n.traces,statePaths:n.statePaths,config:n.config}}}),fixes:fixesOf(t),changes:a,rescan:o,source:n};return`${JSON.stringify(f,(e,t)=>"string"==typeof t?t.toWellFormed():t,1)}
`}function fixesOf(e){let{all:t,blocking:n}=(0,F.I)(e),a=t.filter(({suppressedBy:e})=>void 0===e);return(0,h.f)(a,e=>n.has(e)).map(e=>{let{kind:t,state:n,change:a,name:i,to:r,choice:s,packages:o,declaredIn:l,place:d,removes:c,worst:f}=e;return{...{kind:t,state:n,change:a,name:i,to:r,choice:s,packages:o,declaredIn:l,removes:c,worst:f},place:d&&`${d.file}:${d.line}`,blocking:e.blocking,platforms:[...new Set(e.findings.flatMap(({platforms:e})=>e))]}})}var T=n(56335),I=n(39321),R=n(80753),P=n(33340),L=n(19094);function sarifPath(e){return(0,a.join)(e,"findings.sarif")}function jsonPath(e){return(0,a.join)(e,"report.json")}function htmlPath(e){return(0,a.join)(e,"report.html")}async function reportFindings(e,t,n){let{facts:i,source:o,verdict:l,views:d}=n.redacted({...{facts:e.facts,source:e.source,verdict:e.verdict,views:e.views}}),{image:c,reportDir:f,target:u,token:p}=e,m=(0,L.fz)(d,n);for(let e of d)(0,L.ah)(e,n);let g=d.map(e=>runOf(c,e)),h=sarifText([...o?[(0,r.x4)(o)]:[],...g],n),$=n.redacted({name:c,digest:u.image.root.digest,passed:l.passed,rules:l.rules,platforms:await Promise.all(d.map(e=>(0,P.P)(u,e)))}),v=(0,s.r)(i,(0,T.I)(n));return await Promise.all([(0,R.f)(sarifPath(f),h),(0,R.f)(htmlPath(f),reportHtml($,i)),(0,R.f)(jsonPath(f),reportJson($,i,o)),(0,R.f)((0,a.join)(f,"comment.md"),(0,I.I2)(n,c,v))]),t["upload-sarif"]&&await (0,I.N8)(n,p,h),t.comment&&await (0,I.rh)(n,p,c,v),m}function sarifText(e,t){let n=Math.ceil(1e5/Math.max(1,e.length));for(let a=Math.min(r.fO,n);;a=Math.floor(a/2)){let n=JSON.stringify((0,r.ec)(e,t.env.GITHUB_ACTION_REF,a));if(a<=100||n.length<1e7||(0,i.gzipSync)(n).length<1e7)return n}}function runOf(e,{causes:t,declared:n,findings:a,platform:i,suppressed:s}){let declaredIn=e=>n?.get((0,$.MO)(e.package));return(0,r.V8)({image:e,platform:i,findings:a,dockerfile:t?.origin.file??"Dockerfile",suppressed:e=>{let t=s.get(e);return t&&`${t.from}: ${t.reason}`},remedyOf:e=>(0,$.x0)(e,t&&(0,$.rl)(e,t),declaredIn(e)),placeOf:e=>(0,h.v)({cause:t&&(0,$.rl)(e,t),declaredIn:declaredIn(e)})})}},76747:(e,t,n)=>{n.d(t,{yc:()=>logScan,OY:()=>pushFacts,Rd:()=>reportPush,T:()=>scanFacts});var a=n(28552),i=n(73319),r=n(30615),s=n(95136),o=n(83922),l=n(75815),d=n(24085),c=n(48487),f=n(21749),u=n(17159),p=n(40523),m=n(55470);function verifyCommands(e,{identities:t=[],log:n}){let[a]=t,i=a?.subject.kind==="exact"&&"exact"===a.issuer.kind?{kind:"keyless",identity:a}:{kind:"key",publicKey:"",logged:"required"===n},{registry:r,repository:s}=(0,u.F2)(e),o={repository:(0,u.FH)({registry:r,repository:s}),signer:i,predicateTypes:[p.O.signature,p.O.provenance,p.O.verdict]};return[...(0,m.Op)(o),...(0,m.QX)(o,{reference:e})]}var g=n(84313);function logScan({scans:e,verdict:t},n){for(let{platform:t,evidence:i}of e){let e=0===i.findings.length?"no findings":`findings: ${(0,a.WN)(i.findings)}`;n.log.info(`${t}: ${e}.`),i.findings.length>0&&n.log.info((0,a.f9)(i.findings))}for(let e of t.rules)"fail"===e.outcome&&n.log.info(`${e.rule}: ${e.why}`)}async function scanFacts(e,t){let{target:n,policy:a,scans:r,verdict:s}=e,o=await (0,l.IH)(n);return{name:(0,g.V)(t),image:n.image,policy:a,verdict:s,baselines:(0,d.aq)(n),platforms:n.image.platforms.map(t=>{let n=(0,i.ul)(t.platform),a=r.find(e=>e.platform===n)?.evidence,s=e.contents?.find(e=>e.platform===n)?.contents,{causes:l,declared:d}=e.views?.find(e=>e.platform===n)??{},c=e.sboms?.find(e=>e.platform===n)?.packages;return{platform:n,scan:a,contents:s,causes:l,declared:d,packages:c,...o.get(t.descriptor.digest)}})}}async function reportPush(e,t){let{target:n,policy:a,verdict:i}=e,s={image:n.image,policy:a,verdict:i,...pushFacts(e.plan,e.pushed,e.trust)};await t.summarise((0,r.e)(t.redacted(s))+(0,f.v)(e.plan.images,e.pushed,e.trust),!i.passed)}function pushFacts(e,t,n){let a=e.left.filter(({fits:e})=>e).map(({subject:e,reason:t})=>({tag:e,reason:t,outcome:"kept"})),i=e.images.join(", ");if(!t){let t=e.tags.map(({tag:e,reason:t})=>({tag:e,reason:t,outcome:"planned"}));return{name:i,publication:{published:!1,why:e.publish?"Not published.":e.why},tags:[...t,...a]}}let r=new Map(e.tags.map(({tag:e,reason:t})=>[e,t])),{images:l}=e,[d,...f]=(0,s.S)(t,a=>{let i=l[t.indexOf(a)]??e.image,s=`${i}@${a.digest}`;return{name:i,tags:a.tags.map(e=>({...e,reason:r.get(e.tag)??""})),references:[s,...a.tags.map(({tag:e})=>`${i}:${e}`)],transfer:a.blobs,verifyCommands:(0,c.EF)(n)?[]:untilCommand(verifyCommands(s,n))}});return{...d,name:i,publication:{published:!0,why:`${(0,o.Iu)(e.trigger)}.`},tags:[...d.tags,...a],others:f.length>0?f:void 0}}function untilCommand(e){return e.slice(0,e.findIndex(e=>!e.startsWith("#"))+1)}},21749:(e,t,n)=>{n.d(t,{v:()=>clusterSections});var a=n(17159),i=n(11334),r=n(43670);function clusterSections(e,t,n){return(t??[]).map((t,a)=>clusterSection(e[a]??"",t,n)).join("")}function clusterSection(e,t,n){if(!t)return"";let s=(0,a.FH)((0,a.F2)(e)),o=`${s}@${t.digest}`,[l]=n.identities??[],d=l&&(0,i.ut)(l);if(d)return`
${(0,r.ZX)({repository:s,signer:{kind:"keyless",identity:d}},o)}
`;let[c]=n.publicKeys;if(!c)return"";let f=c.key.export({type:"spki",format:"pem"}).toString(),u="required"===n.log;return`
${(0,r.ZX)({repository:s,signer:{kind:"key",publicKey:f,logged:u}},o)}
`}},10409:(e,t,n)=>{n.d(t,{T:()=>i,q:()=>withReasons});var a=n(76503);let i=["contents-present","contents-secrets","contents-history","contents-hidden-packages","contents-setuid","contents-shells","contents-package-managers","contents-state","contents-devices","image-healthcheck","image-labels"];function withReasons(e,t,n,i){let r=new Set((0,a.L)(t,n,[],new Date(0)).rules.flatMap(({rule:e,outcome:t})=>"fail"===t?[e]:[]));return e.map(e=>{let t=i[e.rule];return void 0!==t&&"not-applicable"===e.outcome&&r.has(e.rule)?{...e,why:t}:e})}},55695:(e,t,n)=>{n.d(t,{fO:()=>f,ec:()=>sarifLog,V8:()=>scanRun,x4:()=>sourceRun});var a=n(28286),i=n(22920),r=n(83922),s=n(28552),o=n(66597),l=n(52800);function relativeUri(e){let t=e.replaceAll("\\","/").split("/").filter(e=>""!==e&&"."!==e&&".."!==e).map(e=>encodeURIComponent(e.toWellFormed())).join("/");return""===t?"Dockerfile":t}function webAddress(e){if(void 0===e||!URL.canParse(e))return;let{protocol:t,href:n}=new URL(e);return"https:"===t||"http:"===t?n:void 0}function plain(e,t=1e3){return(0,r.cz)((0,l.P8)(e),t)}function sarif_text_text(e){let t=plain(e).replace(/[\\[\]]/g,"\\$&").replace(/[{}]/g,"$&$&").replaceAll("<","‹").replaceAll(">","›");return{text:""===t?"(no text)":t}}let d={critical:"error",high:"error",medium:"warning",low:"note",negligible:"note",unknown:"warning"},c={critical:[9.1,9.5,10],high:[7,8,8.9],medium:[4,5.5,6.9],low:[.1,2,3.9],negligible:[.1,.1,3.9]};function securitySeverity({cvss:e,severity:t}){let n=c[t];if(!n)return e?.score.toFixed(1);let[a,i,r]=n;return Math.min(r,Math.max(a,e?.score??i)).toFixed(1)}function advisoryRuleId(e){if(e.length<=200)return plain(e,200);let t=(0,i.ol)(new TextEncoder().encode(e)).slice(7).slice(0,16);return`${plain(e,200-t.length-1)} ${t}`}function advisoryRule(e,t){let{aliases:n,cvss:a,id:i,severity:s,title:l,url:c,package:f}=e,u=webAddress(c),p=n.length>0?`Also ${n.join(", ")}.`:"",m=a?.source===void 0?"":`, ${a.source}`,g=a?`, CVSS ${a.score.toFixed(1)} (${a.vector}${m})`:"",h=`${i}: ${s}${g}.`,$=`${(0,r.Iu)(t)}.`,v=l??`${i} in ${f.name}`;return{id:advisoryRuleId(i),shortDescription:sarif_text_text(v),fullDescription:sarif_text_text(`${[i,...n].join(", ")}: ${s}, in ${f.name}. ${l??""}`.trim()),help:{...sarif_text_text([`${v}.`,h,p,$,u??""].filter(e=>""!==e).join(" ")),markdown:(0,r.cz)(`**${(0,o.FV)(plain(v))}**

${void 0===u?(0,o.FV)(plain(i)):(0,o.nf)(plain(i),u)}: ${(0,o.FV)(plain(`${s}${g}. ${p}`.trim()))}

**Fix:** ${(0,o.FV)(plain($))}`,4e3)},helpUri:u,defaultConfiguration:{level:d[s]},properties:{tags:["security","vulnerability"],precision:"very-high","security-severity":securitySeverity(e)}}}function sourceRule({rule:e,level:t,why:n,fix:a}){return{id:plain(e,200),shortDescription:sarif_text_text(n),fullDescription:sarif_text_text(`${n} ${a}`),help:sarif_text_text(`${n} ${a}`),defaultConfiguration:{level:t},properties:{tags:["containers-as-code"],precision:"high"}}}let f=25e3,u="the file would exceed the limits of code scanning. The JSON report has all.";function sarifLog(e,t,n=f){let[,a]=/^v?(\d+(?:\.\d+)*)$/.exec(t??"")??[],i=void 0===a?{}:{version:a};return{$schema:"https://json.schemastore.org/sarif-2.1.0.json",version:"2.1.0",runs:e.slice(0,20).map((t,a)=>{let s=cutRun(t,Math.min(n,f)),o=19===a?e.length-20:0,l=o>0?withNote(s,`${(0,r.hS)(o,"more scan")} left out: ${u}`):s;return{...l,tool:{driver:{...l.tool.driver,...i}}}})}}function cutRun(e,t){let{results:n,tool:a}=e;if(n.length<=t)return e;let i=n.slice(0,t),s=a.driver.rules.slice(0,1+i.reduce((e,{ruleIndex:t})=>Math.max(e,t),-1)),o=`${(0,r.hS)(n.length-i.length,"result")} of lower severity left out: ${u}`;return withNote({...e,tool:{driver:{...a.driver,rules:s}},results:i},o)}function withNote(e,t){return{...e,invocations:[...e.invocations??[],{executionSuccessful:!0,toolExecutionNotifications:[{level:"note",message:{text:t}}]}]}}function scanRun(e){let{image:t,platform:n,findings:i,dockerfile:r}=e,s=new Map,o=(0,a.md)(i).map(a=>{let i=advisoryRuleId(a.id),o=s.get(i),l=e.remedyOf?.(a)??fixedText(a),{index:c,rule:f}=o??{index:s.size,rule:advisoryRule(a,l)};o||s.set(i,{index:c,rule:f});let u=e.suppressed?.(a);return{ruleId:f.id,ruleIndex:c,level:d[a.severity],message:sarif_text_text(sentence(a,n,l)),locations:[sarif_location(e.placeOf?.(a)??{file:r,line:1},a)],partialFingerprints:fingerprints(t,n,a.id,a.package.type,a.package.name),suppressions:void 0===u?void 0:[{kind:"external",justification:plain(u)}]}});return run(`scan/${t}/${n}`,[...s.values()].map(e=>e.rule),o)}function sourceRun(e){let t=new Map,n=e.map(e=>{let n=t.get(e.rule),{index:a,rule:i}=n??{index:t.size,rule:sourceRule(e)};return n||t.set(e.rule,{index:a,rule:i}),{ruleId:i.id,ruleIndex:a,level:e.level,message:sarif_text_text(`${e.message} ${e.fix}`),locations:[sarif_location(e)],partialFingerprints:fingerprints(e.rule,e.file,e.message)}});return run("source",[...t.values()].map(e=>e.rule),n)}function run(e,t,n){return{tool:{driver:{name:"Tidegate",informationUri:"https://github.com/tidegate/tidegate",rules:t}},automationDetails:{id:`tidegate/${plain(e)}/`},columnKind:"utf16CodeUnits",results:n}}function sentence(e,t,n){let{id:a,severity:i}=e,{name:r,version:s,type:o}=e.package,l=e.locations[0],d=void 0===l?"":` at ${l}`;return`${a} (${i}) in ${r} ${s} (${o})${d} of ${t}: ${n}.`}function sarif_location(e,t){let n=Math.max(1,Math.trunc(e.line)||1),a=Math.max(n,Math.trunc(e.endLine??n)||n);return{physicalLocation:{artifactLocation:{uri:relativeUri(e.file),uriBaseId:"%SRCROOT%"},region:{startLine:n,endLine:a>n?a:void 0}},logicalLocations:void 0===t?void 0:[{name:plain(t.package.name),fullyQualifiedName:plain(packageName(t)),kind:"package"}]}}function packageName({package:{name:e,purl:t,version:n}}){return t??`${e}@${n}`}function fingerprints(...e){let t=(0,i.ol)(new TextEncoder().encode(JSON.stringify(e))).slice(7);return{primaryLocationLineHash:`${t.slice(0,16)}:1`,"tidegateFinding/v1":t}}function fixedText(e){let t=(0,s.Xc)(e);return t.startsWith("only in ")?`fixed ${t}`:`fixed in: ${t}`}},5898:(e,t,n)=>{n.d(t,{$4:()=>tagsSection,GJ:()=>platformsSection,PA:()=>reusedLine,bg:()=>rulesSection,hU:()=>buildLine});var a=n(85161),i=n(66597),r=n(52800),s=n(83922),o=n(12805),l=n(76154);function rulesSection(e){if(!e)return"";let t={pass:"✅",fail:"❌","not-applicable":"➖"},n=e.rules.map(({rule:e,outcome:n,why:a})=>[`${t[n]} ${e}`,`${(0,i.FV)((0,s.cz)(a,400))}${"fail"===n?` → ${(0,i.FV)(o.z[e])}`:""}`]),a=e.rules.filter(({outcome:e})=>"pass"===e).length,r=new Set((0,l.e9)(e).map(({rule:e})=>e)).size;return(0,i.TM)(`Gate: ${(0,s.hS)(a,"rule")} passed, ${r} failed`,(0,i.tp)(["Rule","Why"],n))}function buildLine({build:e}){return e&&0!==e.steps?`Build: cached ${e.cached} of ${(0,s.hS)(e.steps,"step")}.`:""}function reusedLine({reusedFrom:e}){return e?`Same image as before: its SBOMs and the verdict on its layers are those of ${e.toISOString().slice(0,10)}. Only the scan is new.`:""}function platformsSection({platforms:e=[]}){if(0===e.length)return"";let known=(e,t=String)=>void 0===e?"":t(e),t=e.some(({scan:e})=>e),n=["Platform",...t?a.Yy:[],"Packages","Size","Layers"],s=e.map(({platform:e,scan:n,packages:s,size:o,layers:l})=>{let d=n&&(0,a.ng)(n.findings.map(({severity:e})=>e)),c=a.Yy.map(e=>d?String(d[e]):"not scanned");return[(0,i.ti)(e),...t?c:[],known(s),known(o,r.z3),known(l)]});return(0,i.TM)(`Platforms: ${e.length}`,(0,i.tp)(n,s))}function tagsSection(e){let{others:t=[],publication:n,rescan:a,tags:r=[],transfer:o}=e;if(a||0===r.length&&!o)return"";let l=[...tagsOf(e),...t.flatMap(e=>[`Tags and transfer to ${(0,i.ti)((0,s.cz)(e.name))}:`,...tagsOf(e)])];return(0,i.TM)(n?.published===!1?"Planned tags":"Tags and transfer",l.join(`

`))}function tagsOf({tags:e=[],transfer:t}){let n=[];if(e.length>0){let t=e.map(({tag:e,outcome:t,from:n,reason:a})=>[(0,i.ti)((0,s.cz)(e)),`${t}${n&&"moved"===t?` from ${(0,i.ti)(n.slice(0,19))}`:""}`,(0,i.FV)((0,s.cz)(a??""))]);n.push((0,i.tp)(["Tag","Result","Why"],t))}return t&&n.push(transferText(t)),n}function transferText(e){let{sent:t,bytes:n,milliseconds:a,bytesPerSecond:i,resumed:s,mounted:o,skipped:l}=e,d=void 0===i?"":`, ${(0,r.z3)(i)}/s`,c=t>0?` (${(0,r.z3)(n)} in ${(0,r.a3)(a)}${d})`:"",f=s>0?`, ${s} of them resumed after an interruption`:"";return`Blobs: ${t} uploaded${c}${f}, ${o} mounted, ${l} already present.`}},22131:(e,t,n)=>{n.d(t,{x:()=>rebuildSection});var a=n(66597),i=n(83922);function rebuildSection({rebuilt:e}){if(!e)return"";let{differences:t,failure:n,next:r,runners:s,same:o}=e,l=`a second build without cache${1===s?"":" on another runner"}`;if(void 0!==n)return`**Not compared**: the second build failed. ${(0,a.FV)((0,i.cz)(n,300))}`;if(0===t.length){let e=1===o?"the same digest":`the same digests for ${(0,i.hS)(o,"platform")}`;return`Reproducible: ${l} gave ${e}.`}let d=t.slice(0,3).map(e=>`- ${(0,a.FV)((0,i.cz)(e,300))}`),c=t.length-d.length;return c>0&&d.push(`- ${(0,i.hS)(c,"more difference")}`),[`**Not reproducible**: ${l} gave another digest.`,d.join(`
`),...void 0===r?[]:[`→ ${(0,a.FV)(r)}`]].join(`

`)}},30615:(e,t,n)=>{n.d(t,{e:()=>summaryMarkdown});var a=n(55470),i=n(66597),r=n(52800),s=n(74374),o=n(28293),l=n(33932),d=n(83922);let c={secret:"Secrets",history:"Git repositories","hidden-package":"Packages hidden from scanners",setuid:"setuid and setgid programs",shell:"Shells","package-manager":"Package managers",state:"Files where state belongs",device:"Devices"};function contentsSection(e,t,n){let a=e.flatMap(({contents:e})=>e?[e]:[]);if(0===a.length)return"";let s=t?.contents??{traces:{}},f=o.o.flatMap(e=>{let t=new Set(a.flatMap(t=>(0,l.PP)(s,t,e,n).map(e=>(0,l.Ve)(e,t))));if(0===t.size)return[];let r=(0,l.Hu)(s,e)?" ⛔":"",o=[...t].slice(0,5).map(e=>(0,i.FV)((0,d.cz)(e,160))),f=t.size>o.length?`, and ${t.size-o.length} more`:"";return[[`${c[e]}${r}`,String(t.size),`${o.join("; ")}${f}`]]}),u=f.reduce((e,[,t])=>e+Number(t),0),p=a.flatMap(e=>e.layers),m=p.reduce((e,{entries:t})=>e+t,0),g=p.reduce((e,{unpacked:t})=>e+t,0),h=`Checked ${(0,d.hS)(m,"file")} in ${(0,d.hS)(p.length,"layer")} (${(0,r.z3)(g)} unpacked).`,$=f.length>0?(0,i.tp)(["Found","Count","Where"],f):"No findings.";return(0,i.TM)(`Layers: ${0===u?"no findings":(0,d.hS)(u,"finding")}`,`${h}

${$}`)}var f=n(37337);function rescanSection({since:e}){let t=(0,f.$)(e,({on:e})=>Number.isFinite(e.getTime())?e.toISOString().slice(0,10):"an unknown date");return[...t].map(([e,n])=>{let a=n.map(({before:e,now:t})=>(0,s.iv)({components:[],findings:e},{components:[],findings:t})),r=t.size>1?` (${n.map(({platform:e})=>(0,i.ti)(e)).join(", ")})`:"";return`Since the scan of ${e}${r}: ${(0,s._g)(a,"gone")}.`}).join(`

`)}var u=n(53554),p=n(99779),m=n(86703);function acceptSection(e,{blocking:t}){let n=(0,m.K)(e);if(!Number.isFinite(n.getTime()))return"";let a=[...t].flatMap(e=>{let t=patternOf(e);return void 0===t?[]:[{id:e.id,pattern:t}]});if(0===a.length)return"";let r=new Date(n.getTime()+Math.min(2592e6,e.policy?.maxIgnoreTime??2592e6)),s=a.slice(0,5).map(({id:e,pattern:t})=>`  - id: ${JSON.stringify(e)}
    package: ${JSON.stringify(t)}
    reason: ""  # why the image may have it
    expires: ${r.toISOString().slice(0,10)}`),o=a.length>5?` (5 of ${a.length})`:"";return(0,i.TM)(`To accept a finding for a time${o}`,(0,i.DV)(["ignore:",...s].join(`
`),"yaml"))}function patternOf({package:{purl:e}}){let t=e?.split(/[?#]/)[0],n=void 0===t?void 0:(0,p.gd)(t);if(!(void 0===t||!n?.version||`${n.path}@${n.version}`.includes("*")))try{return(0,u.w)(t),t}catch{return}}var g=n(5898),h=n(54310),$=n(16216),v=n(80874),b=n(76154),w=n(55481),y=n(62197),x=n(22131);function summaryMarkdown(e){let t=(0,m.I)(e),{table:n,rest:a}=(0,v.r)(e,t,mostFixes(e,t)),i=t.blocking.size>0;return joined([(0,b.Pl)(e),(0,b.c9)(e,i?3:4,i),(0,b.MK)(e),n,(0,y.L)(e,t),(0,w.M)(e,t),(0,h.i)(e),(0,s.iF)(e.changes??[]),(0,g.hU)(e),(0,g.PA)(e),(0,x.x)(e),e.rescan?rescanSection(e.rescan):"",useSection(e),a,(0,$.W)(e,t),acceptSection(e,t),contentsSection(e.platforms??[],e.policy,(0,m.K)(e)),(0,s.Hv)(e.changes??[]),(0,g.GJ)(e),(0,g.$4)(e),(0,g.bg)(e.verdict)])}function joined(e){return`${e.filter(e=>""!==e).join(`

`)}
`}function mostFixes({verdict:e},{blocking:t}){if(!e||e.passed)return 3;let n=new Set(e.rules.flatMap(({outcome:e,rule:t})=>"fail"===e?[t]:[]));return t.size>0&&n.size>1?5:10}function useSection(e){return e.rescan?"":[e,...e.others??[]].map(useOf).filter(Boolean).join(`

`)}function useOf({references:[e]=[],verifyCommands:t=[]}){if(void 0===e)return"";let n=[`docker pull ${(0,a.r7)(e)}`,...t];return(0,i.DV)(n.map(r.P8).join(`
`),"sh")}},24085:(e,t,n)=>{n.d(t,{aq:()=>baselinesIn,rI:()=>keepBaseline,vo:()=>dropBaseline});var a=n(46222),i=n(42665),r=n(73319),s=n(67427),o=n(30135),l=n(65575),d=n(40523),c=n(57134),f=n(48487);async function keepBaseline(e,t){let{live:n,why:i,signer:o,findings:l}=t;for(let{platform:t,descriptor:d}of(await dropBaseline(e),e.image.platforms)){let c=(0,r.ul)(t),u=Object.hasOwn(l,c)?l[c]:void 0,p=new Set(findingsHere(e,d.digest).map(s.Op)),m=n&&void 0!==o&&u?{live:n,signer:o,findings:u.filter(e=>p.has((0,s.Op)(e)))}:{why:i??`The live image has no signed scan of ${c}.`,findings:[]};await (0,f.VU)(e,d,(0,a.B)(d.digest,m))}}async function dropBaseline(e){let{image:t,layout:n}=e;for(let{digest:e}of(0,o.o)(t))for(let t of(await n.referrers(e,l.zu.inToto)))await isBaseline(n,t)&&await n.unlist(t)}async function isBaseline(e,t){try{let{predicateType:n}=(0,i.By)(await (0,f.c_)(e,t,i.Xk));return n===d.O.baseline}catch(e){if((0,c.d0)(e,"evidence","integrity"))return!1;throw e}}function findingsHere({evidence:e},t){return e.all().flatMap(e=>"scan"===e.kind&&e.subject===t?(0,s.$F)(e.findings):[])}function baselinesIn({evidence:e}){return e.all().filter(e=>"baseline"===e.kind)}},42827:(e,t,n)=>{n.d(t,{v:()=>platformFacts});var a=n(57134),i=n(17058),r=n(94177),s=n(77555),o=n(81165),l=n(62521);async function platformFacts({layout:e,image:t},{signal:n}){let o=new Map;for(let{descriptor:d}of t.platforms){let t=await (0,l.WI)(e,d,{signal:n});if("manifest"!==t.kind)throw new a.Ut("layout-not-platform",`${d.digest} is not the manifest of a platform.`);let{config:c,layers:f}=t,u=`config ${c.digest}`,p=(0,i.RJ)(await e.fetchBytes(c,{signal:n,limit:r.MV}),u),{facts:m}=(0,s.X)(p,f.length,u),g=firstDate(p);o.set(d.digest,{size:[c,...f].reduce((e,t)=>e+t.size,0),layers:f.length,user:m.user,ports:m.exposedPorts,volumes:m.volumes,oldestLayer:g})}return o}let d=Date.UTC(1980,0,2);function firstDate(e){let{history:t}=e,[n]=Array.isArray(t)?t:[],a="object"==typeof n&&null!==n?n.created:void 0,i="string"==typeof a?(0,o.Wr)(a):void 0;return i&&i.getTime()>=d?i:void 0}},15853:(e,t,n)=>{n.d(t,{LG:()=>assertDestinationAllowed,S4:()=>judge,Zp:()=>assertPassed,_f:()=>judgeBeforeSigning,o1:()=>namesNoDestination,p0:()=>recordVerdict});var a=n(74736),i=n(76503),r=n(10409),s=n(30135),o=n(17159),l=n(22920),d=n(95862),c=n(70866),f=n(57134),u=n(48487),p=n(42827);function beforeSigning({predicates:e,...t}){return{...t,require:t.require.filter(e=>"signature"!==e&&"verdict"!==e)}}async function judge(e,t,n,a,r=[]){let[s,o]=await Promise.all([(0,u.At)(e,n),(0,p.v)(e,a)]);return{evidence:s,verdict:(0,i.L)(t,e.image,s,a.clock(),{facts:o,destinations:r})}}let m="Not judged here: this check comes before the image is signed.";async function judgeBeforeSigning(e,t,n,a,i=[]){let{evidence:s,verdict:o}=await judge(e,beforeSigning(t),n,a,i),l=(0,r.q)(o.rules,t,e.image,{"signature-present":m,"verdict-present":m,"predicates-present":m});return{evidence:s,verdict:{...o,rules:l}}}async function recordVerdict(e,{evidence:t,verdict:n},{policyDigest:i,verifier:r,destinations:l,notJudged:d}){let c=usedFor(t),f=(0,s.o)(e.image).map(async s=>{let f=t.filter(e=>e.subject===s.digest&&"verdict"!==e.kind).flatMap(e=>"statement"in e&&e.statement?[e.statement]:[]),p=(l.length>0?l.map(o.Sh):[void 0]).map(e=>(0,a.bI)([{digest:s.digest}],n,{verifier:r,policy:{digest:i},destination:e,inputs:f,notJudged:d,...c}));await (0,u.mj)(e,s,p)});await Promise.all(f)}function usedFor(e){let t=new Map,n=new Map,note=(e,n,a)=>{let{digest:i,release:r}=a??{};t.set(`${e} ${n} ${i} ${r}`,{name:e,version:n||void 0,uri:r||void 0,sha256:i?(0,l.ZD)(i):void 0})};for(let t of e){if("provenance"===t.kind)for(let e of t.programs??[])note(e.name,void 0,e);if("sbom"===t.kind&&t.cataloger&&(note("syft",t.cataloger,t.program),note(d.n.name,d.n.version,void 0)),"scan"!==t.kind)continue;note(t.scanner.name,t.scanner.version,t.program);let{built:e,checksum:a,schema:i,source:r}=t.database;n.set(`${r} ${a}`,{source:r,built:e,schema:i,sha256:(0,l.ZD)(a)})}return{tools:[...t.values()],databases:[...n.values()]}}function namesNoDestination({evidence:e}){let t=e.filter(e=>"verdict"===e.kind);return t.length>0&&t.every(({destination:e})=>void 0===e)}function assertDestinationAllowed(e,t){if((0,c.h)(e.registries??[],t))return;let{registry:n,repository:a}=t;throw new f.Ut("registry-not-allowed",`registry-allowed: the policy does not allow pushes to ${n}/${a}.`,{next:"Push to a repository that the policy lists under registries.allow. Nothing was uploaded."})}function assertPassed(e){if(e.passed)return;let t=e.rules.filter(e=>"fail"===e.outcome),n=t.map(e=>`${e.rule}: ${e.why}`);throw new f.Ut("gate-failed",`The gate failed. ${n.join(" ")}`,{next:`Make the changes that the job summary lists${orException(t)}. No tag was set.`})}let g=new Set(["severity-threshold","severity-unknown","known-exploited","epss-threshold","risk-threshold"]);function orException(e){let t=[...new Set(e.map(({rule:e})=>e))],n=t.filter(e=>g.has(e));if(0===n.length)return"";let a=n.length===t.length?"":` for findings of ${n.join(" and ")}`;return`, or add an exception with an expiry date to the policy${a}`}},48675:(e,t,n)=>{n.d(t,{c:()=>causesOf});var a=n(31484),i=n(17058),r=n(77555),s=n(62521),o=n(72898),l=n(48487);async function causesOf(e,{descriptor:t}){let{layout:n}=e,d=await (0,o.L)(e,t.digest);if(!d)return;let c=await (0,s.WI)(n,t);if("manifest"!==c.kind)return;let f=`config ${c.config.digest}`,u=(0,i.RJ)(await n.fetchBytes(c.config),f),{diffIds:p}=(0,r.X)(u,c.layers.length,f).rootfs,m=e.evidence.packageLayers(t.digest),g=m?void 0:(await (0,l.sy)(e,t)).bytes;return{origin:d,diffIds:p,get packages(){return m??=g?(0,a.nt)(g):new Map}}}},56335:(e,t,n)=>{n.d(t,{A:()=>commentingFailure,I:()=>commentedRun});var a=n(95957),i=n(11044),r=n(10329),s=n(39321);async function commentingFailure({action:e,image:t,isReported:n,isWanted:r,token:o},l,d){try{return await d()}catch(d){if(r&&!l.signal.aborted&&!((0,i._f)(d)&&n())){let{entry:r,message:c,next:f}=(0,i.WE)(d,e,l.env),u={...l.redacted({title:r.title,message:c,next:f}),isChecked:n()};await (0,s.rh)(l,o,t,(0,a.A)(t,u,commentedRun(l)))}throw d}}function commentedRun({env:e,event:t}){let{GITHUB_REPOSITORY:n,GITHUB_RUN_ID:a,GITHUB_SERVER_URL:i,GITHUB_SHA:s=""}=e,o=i&&n&&a?`${i}/${n}/actions/runs/${a}`:"";return{commit:(0,r.Ju)(t)??s,url:o}}},39321:(e,t,n)=>{n.d(t,{I2:()=>commentBody,N8:()=>uploadSarif,rh:()=>commentOnPullRequest});var a=n(38522),i=n(28915),r=n(33585),s=n(43318);async function uploadSarif(e,t,n){let{GITHUB_REF:s="",GITHUB_REPOSITORY:o="",GITHUB_SHA:l=""}=e.env;return(0,i.E)(e,"The findings were not uploaded to code scanning","security-events: write",t,async()=>{await (0,r.WN)(e,t,o,({rest:e,repo:t})=>e.codeScanning.uploadSarif({...t,commit_sha:l,ref:s,sarif:(0,a.gzipSync)(n).toString("base64"),tool_name:"Tidegate"}))})}function commentBody(e,t,n){let a=e.redacted(n),i=a.length>65e3?`${a.slice(0,65e3)}

This comment is cut. The job summary has the full text.`:a;return`${markerOf(e,t)}
${i}`}function markerOf(e,t){return`\x3c!-- tidegate: ${encodeURIComponent(e.redacted(t))} --\x3e`}async function commentOnPullRequest(e,t,n,a){let o=(0,s._n)(e.event);if(void 0===o)return!1;let l=markerOf(e,n),d=commentBody(e,n,a);return(0,i.E)(e,"The pull request was not commented on","pull-requests: write",t,async()=>{await (0,r.WN)(e,t,e.env.GITHUB_REPOSITORY??"",async({rest:e,paginate:t,repo:n})=>{let a=(await t(e.issues.listComments,{...n,issue_number:o,per_page:100})).filter(e=>e.body?.startsWith(l)),i=a.find(e=>e.user?.type==="Bot")??await (async()=>{if(0===a.length)return;let t=await e.users.getAuthenticated().catch(()=>void 0);return t&&a.find(e=>e.user?.login===t.data.login)})();i?await e.issues.updateComment({...n,comment_id:i.id,body:d}):await e.issues.createComment({...n,issue_number:o,body:d})})})}},80753:(e,t,n)=>{n.d(t,{f:()=>replaceFile});var a=n(77598),i=n(51455),r=n(76760);async function replaceFile(e,t){let n=(0,r.join)((0,r.dirname)(e),`.tidegate-${(0,a.randomUUID)()}`);try{await (0,i.writeFile)(n,t,{flag:"wx"}),await (0,i.rename)(n,e)}finally{await (0,i.rm)(n,{force:!0})}}}};