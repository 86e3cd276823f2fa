import{t as e}from"./version.js";import{createHash as t}from"node:crypto";function n(e,t,n=`${t}s`){return`${e} ${e===1?t:n}`}function r(e){let t=[`B`,`kB`,`MB`,`GB`,`TB`],n=e,r=0;for(;n>=999.95&&r<t.length-1;)n/=1e3,r+=1;return`${r===0?n:n.toFixed(1)} ${t[r]}`}var i=class{diff(e,t,n={}){let r;typeof n==`function`?(r=n,n={}):`callback`in n&&(r=n.callback);let i=this.castInput(e,n),a=this.castInput(t,n),o=this.removeEmpty(this.tokenize(i,n)),s=this.removeEmpty(this.tokenize(a,n));return this.diffWithOptionsObj(o,s,n,r)}diffWithOptionsObj(e,t,n,r){let i=e=>{if(e=this.postProcess(e,n),r)setTimeout(function(){r(e)},0);else return e},a=t.length,o=e.length,s=1,c=a+o;n.maxEditLength!=null&&(c=Math.min(c,n.maxEditLength));let l=n.timeout??1/0,u=Date.now()+l,d=[{oldPos:-1,lastComponent:void 0}],f=this.extractCommon(d[0],t,e,0,n);if(d[0].oldPos+1>=o&&f+1>=a)return i(this.buildValues(d[0].lastComponent,t,e));let p=-1/0,m=1/0,h=()=>{for(let r=Math.max(p,-s);r<=Math.min(m,s);r+=2){let s,c=d[r-1],l=d[r+1];c&&(d[r-1]=void 0);let u=!1;if(l){let e=l.oldPos-r;u=l&&0<=e&&e<a}let h=c&&c.oldPos+1<o;if(!u&&!h)d[r]=void 0;else{if(s=!h||u&&c.oldPos<l.oldPos?this.addToPath(l,!0,!1,0,n):this.addToPath(c,!1,!0,1,n),f=this.extractCommon(s,t,e,r,n),s.oldPos+1>=o&&f+1>=a)return i(this.buildValues(s.lastComponent,t,e))||!0;d[r]=s,s.oldPos+1>=o&&(m=Math.min(m,r-1)),f+1>=a&&(p=Math.max(p,r+1))}}s++};if(r)(function e(){setTimeout(function(){if(s>c||Date.now()>u)return r(void 0);h()||e()},0)})();else for(;s<=c&&Date.now()<=u;){let e=h();if(e)return e}}addToPath(e,t,n,r,i){let a=e.lastComponent;return a&&!i.oneChangePerToken&&a.added===t&&a.removed===n?{oldPos:e.oldPos+r,lastComponent:{count:a.count+1,added:t,removed:n,previousComponent:a.previousComponent}}:{oldPos:e.oldPos+r,lastComponent:{count:1,added:t,removed:n,previousComponent:a}}}extractCommon(e,t,n,r,i){let a=t.length,o=n.length,s=e.oldPos,c=s-r,l=0;for(;c+1<a&&s+1<o&&this.equals(n[s+1],t[c+1],i);)c++,s++,l++,i.oneChangePerToken&&(e.lastComponent={count:1,previousComponent:e.lastComponent,added:!1,removed:!1});return l&&!i.oneChangePerToken&&(e.lastComponent={count:l,previousComponent:e.lastComponent,added:!1,removed:!1}),e.oldPos=s,c}equals(e,t,n){return n.comparator?n.comparator(e,t):e===t||!!n.ignoreCase&&e.toLowerCase()===t.toLowerCase()}removeEmpty(e){let t=[];for(let n=0;n<e.length;n++)e[n]&&t.push(e[n]);return t}castInput(e,t){return e}tokenize(e,t){return Array.from(e)}join(e){return e.join(``)}postProcess(e,t){return e}get useLongestToken(){return!1}buildValues(e,t,n){let r=[],i;for(;e;)r.push(e),i=e.previousComponent,delete e.previousComponent,e=i;r.reverse();let a=r.length,o=0,s=0,c=0;for(;o<a;o++){let e=r[o];if(e.removed)e.value=this.join(n.slice(c,c+e.count)),c+=e.count;else{if(!e.added&&this.useLongestToken){let r=t.slice(s,s+e.count);r=r.map(function(e,t){let r=n[c+t];return r.length>e.length?r:e}),e.value=this.join(r)}else e.value=this.join(t.slice(s,s+e.count));s+=e.count,e.added||(c+=e.count)}}return r}};new class extends i{};function a(e,t){let n=0;for(;n<e.length&&n<t.length;n++)if(e[n]!=t[n])return e.slice(0,n);return e.slice(0,n)}function o(e,t){let n;if(!e||!t||e[e.length-1]!=t[t.length-1])return``;for(n=0;n<e.length&&n<t.length;n++)if(e[e.length-(n+1)]!=t[t.length-(n+1)])return e.slice(-n);return e.slice(-n)}function s(e,t,n){if(e.slice(0,t.length)!=t)throw Error(`string ${JSON.stringify(e)} doesn't start with prefix ${JSON.stringify(t)}; this is a bug`);return n+e.slice(t.length)}function c(e,t,n){if(!t)return e+n;if(e.slice(-t.length)!=t)throw Error(`string ${JSON.stringify(e)} doesn't end with suffix ${JSON.stringify(t)}; this is a bug`);return e.slice(0,-t.length)+n}function l(e,t){return s(e,t,``)}function u(e,t){return c(e,t,``)}function d(e,t){return t.slice(0,f(e,t))}function f(e,t){let n=0;e.length>t.length&&(n=e.length-t.length);let r=t.length;e.length<t.length&&(r=e.length);let i=Array(r),a=0;i[0]=0;for(let e=1;e<r;e++){for(t[e]==t[a]?i[e]=i[a]:i[e]=a;a>0&&t[e]!=t[a];)a=i[a];t[e]==t[a]&&a++}a=0;for(let r=n;r<e.length;r++){for(;a>0&&e[r]!=t[a];)a=i[a];e[r]==t[a]&&a++}return a}function p(e,t){let n=[];for(let r of Array.from(t.segment(e))){let e=r.segment;n.length&&/\s/.test(n[n.length-1])&&/\s/.test(e)?n[n.length-1]+=e:n.push(e)}return n}function m(e,t){if(t)return g(e,t)[1];let n;for(n=e.length-1;n>=0&&e[n].match(/\s/);n--);return e.substring(n+1)}function h(e,t){if(t)return g(e,t)[0];let n=e.match(/^\s*/);return n?n[0]:``}function g(e,t){if(!t)return[h(e),m(e)];if(t.resolvedOptions().granularity!=`word`)throw Error(`The segmenter passed must have a granularity of "word"`);let n=p(e,t),r=n[0],i=n[n.length-1];return[/\s/.test(r)?r:``,/\s/.test(i)?i:``]}const _=`a-zA-Z0-9_\\u{AD}\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2C6}\\u{2C8}-\\u{2D7}\\u{2DE}-\\u{2FF}\\u{1E00}-\\u{1EFF}`,ee=RegExp(`[${_}]+|\\s+|[^${_}]`,`ug`);new class extends i{equals(e,t,n){return n.ignoreCase&&(e=e.toLowerCase(),t=t.toLowerCase()),e.trim()===t.trim()}tokenize(e,t={}){let n;if(t.intlSegmenter){let r=t.intlSegmenter;if(r.resolvedOptions().granularity!=`word`)throw Error(`The segmenter passed must have a granularity of "word"`);n=p(e,r)}else n=e.match(ee)||[];let r=[],i=null;return n.forEach(e=>{/\s/.test(e)?i==null?r.push(e):r.push(r.pop()+e):i!=null&&/\s/.test(i)?r[r.length-1]==i?r.push(r.pop()+e):r.push(i+e):r.push(e),i=e}),r}join(e){return e.map((e,t)=>t==0?e:e.replace(/^\s+/,``)).join(``)}postProcess(e,t){if(!e||t.oneChangePerToken)return e;let n=null,r=null,i=null;return e.forEach(e=>{e.added?r=e:e.removed?i=e:((r||i)&&v(n,i,r,e,t.intlSegmenter),n=e,r=null,i=null)}),(r||i)&&v(n,i,r,null,t.intlSegmenter),e}};function v(e,t,n,r,i){if(t&&n){let[d,f]=g(t.value,i),[p,m]=g(n.value,i);if(e){let r=a(d,p);e.value=c(e.value,p,r),t.value=l(t.value,r),n.value=l(n.value,r)}if(r){let e=o(f,m);r.value=s(r.value,m,e),t.value=u(t.value,e),n.value=u(n.value,e)}}else if(n){if(e){let e=h(n.value,i);n.value=n.value.substring(e.length)}if(r){let e=h(r.value,i);r.value=r.value.substring(e.length)}}else if(e&&r){let n=h(r.value,i),[d,f]=g(t.value,i),p=a(n,d);t.value=l(t.value,p);let m=o(l(n,p),f);t.value=u(t.value,m),r.value=s(r.value,n,m),e.value=c(e.value,n,n.slice(0,n.length-m.length))}else if(r){let e=h(r.value,i),n=d(m(t.value,i),e);t.value=u(t.value,n)}else if(e){let n=d(m(e.value,i),h(t.value,i));t.value=l(t.value,n)}}new class extends i{tokenize(e){let t=RegExp(`(\\r?\\n)|[${_}]+|[^\\S\\n\\r]+|[^${_}]`,`ug`);return e.match(t)||[]}};const te=new class extends i{constructor(){super(...arguments),this.tokenize=b}equals(e,t,n){return n.ignoreWhitespace?(n.newlineIsToken&&e.includes(`
`)||(e=e.trim()),n.newlineIsToken&&t.includes(`
`)||(t=t.trim())):n.ignoreNewlineAtEof&&!n.newlineIsToken&&(e.endsWith(`
`)&&(e=e.slice(0,-1)),t.endsWith(`
`)&&(t=t.slice(0,-1))),super.equals(e,t,n)}};function y(e,t,n){return te.diff(e,t,n)}function b(e,t){t.stripTrailingCr&&(e=e.replace(/\r\n/g,`
`));let n=[],r=e.split(/(\n|\r\n)/);r[r.length-1]||r.pop();for(let e=0;e<r.length;e++){let i=r[e];e%2&&!t.newlineIsToken?n[n.length-1]+=i:n.push(i)}return n}function ne(e){return e==`.`||e==`!`||e==`?`}new class extends i{tokenize(e){let t=[],n=0;for(let r=0;r<e.length;r++){if(r==e.length-1){t.push(e.slice(n));break}if(ne(e[r])&&e[r+1].match(/\s/)){for(t.push(e.slice(n,r+1)),r=n=r+1;e[r+1]?.match(/\s/);)r++;t.push(e.slice(n,r+1)),n=r+1}}return t}},new class extends i{tokenize(e){return e.split(/([{}:;,]|\s+)/)}},new class extends i{constructor(){super(...arguments),this.tokenize=b}get useLongestToken(){return!0}castInput(e,t){let{undefinedReplacement:n,stringifyReplacer:r=(e,t)=>t===void 0?n:t}=t;return typeof e==`string`?e:JSON.stringify(x(e,null,null,r),null,`  `)}equals(e,t,n){return super.equals(e.replace(/,([\r\n])/g,`$1`),t.replace(/,([\r\n])/g,`$1`),n)}};function x(e,t,n,r,i){t||=[],n||=[],r&&(e=r(i===void 0?``:i,e));let a=0;for(;a<t.length;a+=1)if(t[a]===e)return n[a];let o;if(Object.prototype.toString.call(e)===`[object Array]`){for(t.push(e),o=Array(e.length),n.push(o),a=0;a<e.length;a+=1)o[a]=x(e[a],t,n,r,String(a));return t.pop(),n.pop(),o}if(e&&e.toJSON&&(e=e.toJSON()),typeof e==`object`&&e){t.push(e),o={},n.push(o);let i=[],s;for(s in e)
/* istanbul ignore else */
Object.prototype.hasOwnProperty.call(e,s)&&i.push(s);for(i.sort(),a=0;a<i.length;a+=1)s=i[a],o[s]=x(e[s],t,n,r,s);t.pop(),n.pop()}else o=e;return o}new class extends i{tokenize(e){return e.slice()}join(e){return e}removeEmpty(e){return e}};function re(e){for(let t=0;t<e.length;t++)if(e[t]<` `||e[t]>`~`||e[t]===`"`||e[t]===`\\`)return!0;return!1}function S(e){if(!re(e))return e;let t=`"`,n=new TextEncoder().encode(e),r=0;for(;r<n.length;){let e=n[r];t+=e===7?`\\a`:e===8?`\\b`:e===9?`\\t`:e===10?`\\n`:e===11?`\\v`:e===12?`\\f`:e===13?`\\r`:e===34?`\\"`:e===92?`\\\\`:e>=32&&e<=126?String.fromCharCode(e):`\\`+e.toString(8).padStart(3,`0`),r++}return t+=`"`,t}const C={includeIndex:!0,includeUnderline:!0,includeFileHeaders:!0},ie={includeIndex:!1,includeUnderline:!1,includeFileHeaders:!0};function ae(e,t,n,r,i,a,o){let s;s=o?typeof o==`function`?{callback:o}:o:{},s.context===void 0&&(s.context=4);let c=s.context;if(s.newlineIsToken)throw Error(`newlineIsToken may not be used with patch-generation functions, only with diffing functions`);if(s.callback){let{callback:e}=s;y(n,r,Object.assign(Object.assign({},s),{callback:t=>{let n=l(t);e(n)}}))}else return l(y(n,r,s));function l(n){if(!n)return;n.push({value:``,lines:[]});function r(e){return e.map(function(e){return` `+e})}let o=[],s=0,l=0,u=[],d=1,f=1;for(let e=0;e<n.length;e++){let t=n[e],i=t.lines||oe(t.value);if(t.lines=i,t.added||t.removed){if(!s){let t=n[e-1];s=d,l=f,t&&(u=c>0?r(t.lines.slice(-c)):[],s-=u.length,l-=u.length)}for(let e of i)u.push((t.added?`+`:`-`)+e);t.added?f+=i.length:d+=i.length}else{if(s){if(i.length<=c*2&&e<n.length-2)for(let e of r(i))u.push(e);else{let e=Math.min(i.length,c);for(let t of r(i.slice(0,e)))u.push(t);let t={oldStart:s,oldLines:d-s+e,newStart:l,newLines:f-l+e,lines:u};o.push(t),s=0,l=0,u=[]}}d+=i.length,f+=i.length}}for(let e of o)for(let t=0;t<e.lines.length;t++)e.lines[t].endsWith(`
`)?e.lines[t]=e.lines[t].slice(0,-1):(e.lines.splice(t+1,0,`\\ No newline at end of file`),t++);return{oldFileName:e,newFileName:t,oldHeader:i,newHeader:a,hunks:o}}}function w(e,t){if(t||=C,Array.isArray(e)){if(e.length>1&&!t.includeFileHeaders&&!e.every(e=>e.isGit))throw Error(`Cannot omit file headers on a multi-file patch. (The result would be unparseable; how would a tool trying to apply the patch know which changes are to which file?)`);return e.map(e=>w(e,t)).join(`
`)}let n=[];if(e.isGit){if(t=C,!e.oldFileName)throw Error(`oldFileName must be specified for Git patches`);if(!e.newFileName)throw Error(`newFileName must be specified for Git patches`);let r=e.oldFileName,i=e.newFileName;e.isCreate&&r===`/dev/null`?r=i.replace(/^b\//,`a/`):e.isDelete&&i===`/dev/null`&&(i=r.replace(/^a\//,`b/`)),n.push(`diff --git `+S(r)+` `+S(i)),e.isDelete&&n.push(`deleted file mode `+(e.oldMode??`100644`)),e.isCreate&&n.push(`new file mode `+(e.newMode??`100644`)),e.oldMode&&e.newMode&&!e.isDelete&&!e.isCreate&&(n.push(`old mode `+e.oldMode),n.push(`new mode `+e.newMode)),e.isRename&&(n.push(`rename from `+S((e.oldFileName??``).replace(/^a\//,``))),n.push(`rename to `+S((e.newFileName??``).replace(/^b\//,``)))),e.isCopy&&(n.push(`copy from `+S((e.oldFileName??``).replace(/^a\//,``))),n.push(`copy to `+S((e.newFileName??``).replace(/^b\//,``))))}else t.includeIndex&&e.oldFileName==e.newFileName&&e.oldFileName!==void 0&&n.push(`Index: `+e.oldFileName),t.includeUnderline&&n.push(`===================================================================`);let r=e.hunks.length>0;t.includeFileHeaders&&e.oldFileName!==void 0&&e.newFileName!==void 0&&(!e.isGit||r)&&(n.push(`--- `+S(e.oldFileName)+(e.oldHeader?`	`+e.oldHeader:``)),n.push(`+++ `+S(e.newFileName)+(e.newHeader?`	`+e.newHeader:``)));for(let t=0;t<e.hunks.length;t++){let r=e.hunks[t],i=r.oldLines===0?r.oldStart-1:r.oldStart,a=r.newLines===0?r.newStart-1:r.newStart;n.push(`@@ -`+i+`,`+r.oldLines+` +`+a+`,`+r.newLines+` @@`);for(let e of r.lines)n.push(e)}return n.join(`
`)+`
`}function oe(e){let t=e.endsWith(`
`),n=e.split(`
`).map(e=>e+`
`);return t?n.pop():n.push(n.pop().slice(0,-1)),n}function T(e){return e.replace(/(?!\t)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\uFEFF]/gu,se)}function se(e){return e===`
`?`\\n`:e===`\r`?`\\r`:`\\u{${e.charCodeAt(0).toString(16)}}`}function E(e){return e.map(({path:e,before:t,after:n})=>w(ae(t===``?`/dev/null`:`a/${e}`,n===``?`/dev/null`:`b/${e}`,t,n,void 0,void 0,{context:3}),ie)).join(``)}function D(e,t){return E(e).split(`
`).map(e=>ce(T(e.replace(/\r$/,``)),t)).join(`
`)}function ce(e,t){return e.startsWith(`--- `)||e.startsWith(`+++ `)?t(`strong`,e):e.startsWith(`@@`)?t(`dim`,e):e.startsWith(`+`)?t(`good`,e):e.startsWith(`-`)?t(`bad`,e):e}const O={"not-backed-up":`A manifest names an image that is not in the backup registry.`,"backup-missing":`A manifest names a backup that is not there.`,"backup-unknown":`A manifest names a backup, and whether it is there is not known.`,"not-read":`A manifest could not be read, so that its images are unknown.`};function k({reason:e}){return e!==`symlink`&&e!==`chart-template`&&e!==`binary`}function A({state:e,canonical:t,use:n}){return e===`candidate`||e===`unusable`&&t!==null&&n.hold!==null&&!le.has(n.hold)}const le=/* @__PURE__ */ new Set([`overlay`,`reported-only`,`tested`,`chart-template`]);function j(e){let t=new Map(e.copies.flatMap(e=>[[e.source,e],[e.backup,e]])),n=e.images.flatMap(e=>ue(e,t)),r=e.skipped.map(({file:e,line:t,reason:n,message:r})=>({rule:`not-read`,level:k({file:e,line:t,reason:n,message:r})?`error`:`warning`,file:e,line:Math.max(t,1),column:null,identity:r,subject:e,message:`not read: ${T(r)}`,use:null}));return[...n,...r].toSorted((e,t)=>me(e.file,t.file)||e.line-t.line||(e.column??0)-(t.column??0))}function ue(e,t){let{use:n,canonical:r,state:i}=e,a=r===null?void 0:t.get(r),o=T(n.written),s={level:`error`,file:n.file,line:n.line,column:n.column,identity:[n.workload.kind,n.workload.namespace,n.workload.name,n.field].join(`/`),subject:n.written,use:n};if(A(e)){let t=e.editable?"run `holdfast rewrite`, or exclude it":`exclude it, or change it by hand`,n=e.explanation===null?``:`: ${T(e.explanation)}`,r=`${o} ${pe(a)?`is in the backup, but is still pulled from its source`:`is not backed up`}; ${t}${n}`;return[{...s,rule:`not-backed-up`,message:r}]}if(i!==`backup`||!a?.error)return[];let c=T(a.error.message);if(a.status===`unknown`)return[{...s,level:`warning`,rule:`backup-unknown`,message:`${o} may not be there: ${c}`}];let l=de[a.error.code]??`could not be looked up`;return[{...s,rule:`backup-missing`,message:`${o} ${l}: ${c}`}]}const de={"not-found":`is not there`,moved:`is another image`};function fe(e){let t=new Set(e.copies.filter(pe).flatMap(({source:e,backup:t,error:n})=>n?[]:[e,t])),n=new Set(j(e).filter(({rule:e})=>e===`not-backed-up`||e===`backup-missing`).map(({use:e})=>e));return new Set(e.images.flatMap(({use:e,canonical:r})=>r!==null&&n.has(e)&&!t.has(r)?[r]:[]))}function pe(e){return e?.status===`present`||e?.status===`copied`}function me(e,t){return e<t?-1:+(e>t)}const he={whole:`good`,repaired:`good`,broken:`bad`,failed:`bad`};function ge(e,t){let{status:i,backup:a,manifests:o,blobs:s,bytes:c,damages:l,error:u}=e,d=`${n(o,`manifest`)}, ${n(s,`blob`)}, ${r(c)}`,f=u===null?i===`failed`?``:d:T(u.message),p=`${t(he[i],i.padEnd(8))}  ${T(a)}  ${f}`.trimEnd();return i===`repaired`?[p]:[p,...l.map(({message:e})=>`          ${T(e)}`)]}const _e={kept:`dim`,unused:`strong`,deleted:`good`,absent:`dim`,failed:`bad`};function ve(e,t){let{status:r,backup:i,sources:a,tags:o,manifests:s,explanation:c,error:l}=e,u=l?.message??c,d=[a.join(`, `),o.length>0?`tags ${o.join(`, `)}`:``,s>1?n(s,`manifest`):``,u??``].filter(e=>e!==``).map(T);return[t(_e[r],r.padEnd(7)),T(i),...d].join(`  `)}function M({command:e,backups:t,prunings:n}){return e===`verify`?[N(t,[`whole`,`repaired`,`broken`,`failed`],`backup`,{failed:`not known`})]:e===`prune`?[N(n,[`kept`,`unused`,`deleted`,`absent`,`failed`],`recorded copy`,{kept:`kept`,absent:`not there`,failed:`failed`})]:[]}function N(e,t,r,i){let a=t.flatMap(t=>{let n=e.filter(e=>e.status===t).length;return n>0?[`${n} ${i[t]??t}`]:[]}),o=n(e.length,r,r.endsWith(`y`)?`${r.slice(0,-1)}ies`:void 0);return a.length>0?`${o}: ${a.join(`, `)}`:`no ${r}`}function ye(e,t){let{paint:n}=t;switch(e.command){case`scan`:case`check`:return B(e.images.map(e=>I(e,n)));case`copy`:return B(e.copies.map(e=>L(e,n)));case`verify`:return B(e.backups.flatMap(e=>ge(e,n)));case`prune`:return B(e.prunings.filter(({status:e,reason:t})=>e!==`absent`&&(e!==`kept`||t===`needed`)).map(e=>ve(e,n)));case`plan`:return e.shards.length>0?`${JSON.stringify({shard:e.shards})}\n`:F(e,t);case`pr`:return B(e.proposals.map(e=>P(e,n)));case`rewrite`:case`restore`:return t.dryRun?F(e,t):B(e.edits.map(e=>`${n(`strong`,`${T(e.file)}:${e.line}`)}  ${T(e.after.trim())}`))}}function P(e,t){let{operation:n,number:r,url:i,branch:a,explanation:o}=e,s=r===null?``:` #${r}`,c=t(be[n],xe[n]+s),l=[i,o].filter(e=>e!==null).map(T);return[c,T(a),...l].join(`  `)}const be={created:`good`,updated:`good`,unchanged:`dim`,closed:`dim`,none:`dim`,held:`warning`,pushed:`warning`},xe={created:`opened`,updated:`updated`,unchanged:`unchanged`,closed:`closed`,none:`nothing to propose`,held:`left alone`,pushed:`branch pushed`};function F(e,t){return t.terminal?D(e.changes,t.paint):E(e.changes)}function I(e,t){let{use:n}=e,r=T(n.file)+(n.line>0?`:${n.line}:${n.column}`:``),i=e.explanation?`${e.state}: ${T(e.explanation)}`:e.state;return`${r}  ${t(`strong`,T(n.written)||`""`)}  ${t(Se[e.state],i)}`}const Se={candidate:`warning`,backup:`good`,excluded:`dim`,unusable:`dim`},Ce={copied:`good`,present:`good`,planned:`strong`,private:`warning`,unknown:`warning`,failed:`bad`};function L(e,t){let i=t(Ce[e.status],e.status.padEnd(7)),a=`${T(e.source)} -> ${T(e.backup)}`;if(e.error)return`${i}  ${a}  ${T(e.error.message)}`;let o=e.bytes>0?r(e.bytes):``;return`${i}  ${a}  ${[e.digest??``,n(e.platforms.length,`platform`),o].filter(e=>e!==``&&e!==`0 platforms`).join(`  `)}`}function we(e,t,n){let r=e.command===`scan`||e.command===`check`,i=[];e.command===`plan`||n&&e.command===`rewrite`?i.push(...e.copies.map(e=>L(e,t))):e.command!==`copy`&&i.push(...e.copies.filter(e=>e.error!==null).map(e=>L(e,t))),r||i.push(...e.images.filter(e=>e.state===`unusable`).map(e=>I(e,t)));for(let n of e.copies){let e=e=>`${T(n.source)}: ${T(e)}`;i.push(...n.problems.map(n=>t(`bad`,e(n))),...n.warnings.map(e)),n.moved&&n.moved!==n.digest&&i.push(`${T(n.source)}: the tag names ${n.moved} upstream by now; the backup keeps ${n.digest}`)}i.push(...Te(e,t));for(let{branch:t,warnings:n}of e.proposals)i.push(...n.map(e=>`${T(t)}: ${T(e)}`));return i.push(...e.notes.map(e=>`${t(`strong`,`note:`)} ${T(e)}`)),i.push(R(e,n)),B(i)}function Te({skipped:e},t){return[...new Set(e.map(({message:e})=>e))].flatMap(n=>{let r=e.filter(e=>e.message===n),i=t(`warning`,`${r[0]?.reason===`not-edited`?`not edited`:`not read`}: ${T(n)}`),a=r.map(({file:e,line:t})=>`${T(e)}${t>0?`:${t}`:``}`);return a.length<=3?a.map(e=>`${e}  ${i}`):[`${a[0]} and ${a.length-1} more  ${i}`]})}function R(e,t=!1){if(e.command===`prune`)return M(e).join(`; `);if(e.shards.length>0)return`${n(e.shards.length,`part`)} with work`;let r=n(e.images.length,`image reference`),i=e.files===0&&e.images.length>0?r:`${n(e.files,`file`)} read, ${r}`,a=De(e),o=[a.length>0?`${i}: ${a.join(`, `)}`:i,...Oe(e),...M(e)];return(e.command===`rewrite`||e.command===`restore`||e.command===`plan`)&&o.push(ke(e,t)),o.push(...Ee(e)),o.join(`; `)}function Ee({skipped:e}){let t=t=>new Set(e.filter(({reason:e})=>e===`not-edited`===t).map(({file:e})=>e)).size;return[...t(!0)>0?[`${n(t(!0),`file`)} not edited`]:[],...t(!1)>0?[`${n(t(!1),`file`)} not or not wholly read`]:[]]}function De({command:e,images:t}){return[[`candidate`,e===`check`?`not backed up`:`to back up`],[`backup`,`on the backup`],[`excluded`,`excluded`],[`unusable`,`left alone`]].flatMap(([e,n])=>{let r=t.filter(t=>t.state===e).length;return r>0?[`${r} ${n}`]:[]})}function Oe({copies:e}){let t=Object.keys(z).flatMap(t=>{let n=e.filter(e=>e.status===t).length;return n>0?[`${n} ${z[t]}`]:[]});return t.length>0?[`${n(e.length,`image`)}: ${t.join(`, `)}`]:[]}function ke({changes:e,edits:t,copies:r,skipped:i},a){return e.length===0?r.every(({status:e})=>e===`present`)&&!i.some(({reason:e})=>e===`not-edited`)?`nothing to do`:`no manifest changed`:`${`${n(t.length,`line`)} in ${n(e.length,`file`)}`} ${a?`would change`:`changed`}`}const z={copied:`copied`,present:`already there`,planned:`to copy`,private:`not publicly pullable`,unknown:`not known`,failed:`failed`};function B(e){return e.map(e=>`${e}\n`).join(``)}function Ae(e){let t=j(e),r=[t.length===0?`**holdfast**: every image is backed up.`:`**holdfast** found:`,``];if(t.length>0){r.push(`| Where | Image | Problem |`,`|---|---|---|`,...t.slice(0,200).map(je),``);let e=t.length-200;e>0&&r.push(`and ${n(e,`more problem`)}.`,``)}return r.push(`${H(R(e))}.`),`${r.join(`
`)}\n`}function je({file:e,line:t,subject:n,message:r}){return`| ${V(`${e}:${t}`)} | ${V(n)} | ${H(r)} |`}function V(e){let t=T(e).replaceAll(`|`,`\\|`),n=Math.max(0,...[...t.matchAll(/`+/g)].map(([e])=>e.length)),r="`".repeat(n+1),i=t.startsWith("`")||t.endsWith("`")?` `:``;return t===``?`(empty)`:`${r}${i}${t}${i}${r}`}function H(e){return T(e).replace(/[\\`*_{}[\]#+!|<>~&]/g,e=>`&#${e.charCodeAt(0)};`).replace(/@(?=\w)/g,`@​`).replace(/:\/\//g,`:&#47;&#47;`).replace(/\bwww\./gi,e=>e.replace(`.`,`&#46;`))}const U=String.raw`'use strict';
(() => {
const byId = (id) => document.getElementById(id);
let model;
/** By canonical name; where two rows have the same, the second has its reason in its key. */
let images = new Map();
const take = (next) => {
  model = next;
  images = new Map();
  for (const image of model.images) images.set(images.has(image.canonical) ? image.canonical + ' ' + image.why : image.canonical, image);
};
const view = { filter: 'all', text: '', sort: 'status', down: false };
const statusWords = { safe: 'backed up', waiting: 'waiting', failed: 'failed', private: 'private', missing: 'not backed up', 'left-alone': 'left alone' };
const rank = { failed: 0, missing: 1, private: 2, waiting: 3, safe: 4, 'left-alone': 5 };
const upstreamRank = { gone: 0, moved: 1, 'rate-limited': 2, unreachable: 3, private: 4, unknown: 5, available: 6 };
const filters = [
  ['all', 'images', () => true],
  ['safe', 'backed up', (i) => i.status === 'safe'],
  ['waiting', 'waiting', (i) => i.status === 'waiting'],
  ['failed', 'failed', (i) => i.status === 'failed', true],
  ['missing', 'not backed up', (i) => i.status === 'missing', true],
  ['private', 'private', (i) => i.status === 'private'],
  ['gone', 'gone upstream', (i) => i.upstream !== null && i.upstream.state === 'gone', true],
  ['moved', 'tag moved on', (i) => i.upstream !== null && i.upstream.state === 'moved'],
  ['left-alone', 'left alone', (i) => i.status === 'left-alone'],
];
const columns = {
  name: (a, b) => compare(a.name, b.name),
  status: (a, b) => rank[a.status] - rank[b.status],
  upstream: (a, b) => upstreamOf(a) - upstreamOf(b),
  places: (a, b) => b.places.length - a.places.length,
  request: (a, b) => b.requests.length - a.requests.length,
};
const upstreamOf = (i) => (i.upstream === null ? 9 : upstreamRank[i.upstream.state] ?? 8);
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

const make = (tag, attributes, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {}))
    if (name === 'onclick') element.addEventListener('click', value);
    else element.setAttribute(name, value);
  for (const child of children.flat()) if (child !== null && child !== undefined) element.append(child);
  return element;
};
const pill = (kind, words) => make('span', { class: 'pill ' + kind }, words);
const ago = (at) => {
  const seconds = Math.max(0, Math.round((Date.now() - at) / 1000));
  const [count, unit] = seconds < 90 ? [seconds, 's'] : seconds < 5400 ? [Math.round(seconds / 60), 'min'] : seconds < 129600 ? [Math.round(seconds / 3600), 'h'] : [Math.round(seconds / 86400), 'd'];
  return count + ' ' + unit + ' ago';
};
const when = (at) => make('time', { datetime: new Date(at).toISOString(), title: new Date(at).toLocaleString() }, ago(at));
const link = (request) => {
  const state = /^(created|updated|unchanged)$/.test(request.state) ? 'open' : request.state;
  const words = request.number === null ? state : '#' + request.number + ' ' + state;
  return request.url !== null && /^https?:\/\//.test(request.url)
    ? make('a', { href: request.url, rel: 'noreferrer' }, words)
    : make('span', {}, words);
};

const drawHead = () => {
  byId('subject').textContent = model.subject + (model.backup === null ? '' : ' \u2192 ' + model.backup) + (model.daemon === null ? '' : ', mode ' + model.daemon.mode + (model.daemon.isSynced ? '' : ', reading the cluster'));
  const notices = byId('notices');
  notices.replaceChildren(...model.notices.map((text) => make('li', {}, text)));
  notices.hidden = model.notices.length === 0;
  byId('counts').replaceChildren(
    // A daemon knows of no image that was never tried.
    ...filters.filter(([key]) => key !== 'missing' || model.daemon === null).map(([key, words, test, alarm]) => {
      const count = model.images.filter(test).length;
      return make(
        'button',
        { type: 'button', 'data-filter': key, 'aria-pressed': String(view.filter === key), class: alarm && count > 0 ? 'alarm' : '', onclick: () => { view.filter = key; draw(); } },
        make('b', {}, String(count)),
        make('span', {}, words),
      );
    }),
  );
};

const matches = (image) => {
  if (view.text === '') return true;
  const all = [image.name, image.canonical, image.backup.reference, image.why, ...image.places.map((place) => place.where), ...image.owners].join('\n').toLowerCase();
  return view.text.split(/\s+/).every((word) => all.includes(word));
};

const shorten = (places) => {
  if (places.length === 0) return '';
  const words = [...new Set(places.map((place) => place.where))];
  return words.slice(0, 2).join(', ') + (words.length > 2 ? ' and ' + (words.length - 2) + ' more' : '');
};

const row = (key, image) =>
  make(
    'tr',
    {},
    make('td', {}, make('button', { type: 'button', class: 'open', 'data-key': key }, image.name), image.why === null ? null : make('span', { class: 'why' }, image.why)),
    make('td', { 'data-label': 'backup' }, pill(image.status, statusWords[image.status])),
    make('td', { 'data-label': 'upstream' }, image.upstream === null ? '' : pill(image.upstream.state, image.upstream.state)),
    make('td', { 'data-label': 'used by' }, shorten(image.places)),
    make('td', { 'data-label': 'pull request' }, ...image.requests.slice(0, 2).flatMap((at, n) => [n > 0 ? ' ' : '', link(model.requests[at])])),
  );

const tellsOf = (image) => JSON.stringify([image, image.requests.map((at) => model.requests[at])]);
/** What was drawn, and what it tells: a row that tells the same is the same, so that nothing moves under a reader. */
const drawn = new Map();
const rowOf = (key, image) => {
  const tells = tellsOf(image);
  let known = drawn.get(key);
  if (!known || known.tells !== tells) drawn.set(key, (known = { tells, element: row(key, image) }));
  return known.element;
};

const drawRows = () => {
  const test = filters.find(([key]) => key === view.filter)[2];
  const sort = columns[view.sort];
  for (const key of drawn.keys()) if (!images.has(key)) drawn.delete(key);
  const shown = [...images].filter(([, image]) => test(image) && matches(image));
  shown.sort(([, a], [, b]) => (view.down ? -1 : 1) * sort(a, b) || compare(a.name, b.name));
  const rows = shown.map(([key, image]) => rowOf(key, image));
  const stay = new Set(rows);
  for (const element of [...byId('rows').children]) if (!stay.has(element)) element.remove();
  let next = byId('rows').firstElementChild;
  for (const element of rows)
    if (element === next) next = next.nextElementSibling;
    else byId('rows').insertBefore(element, next);
  byId('none').hidden = shown.length > 0;
  byId('shown').textContent = shown.length + ' of ' + model.images.length;
  for (const head of document.querySelectorAll('th')) {
    const key = head.dataset.key;
    if (key === view.sort) head.setAttribute('aria-sort', view.down ? 'descending' : 'ascending');
    else head.removeAttribute('aria-sort');
  }
};

const pair = (term, ...value) => (value.flat().every((part) => part === null || part === '') ? [] : [make('dt', {}, term), make('dd', {}, ...value)]);
const list = (title, items, tag) => (items.length === 0 ? [] : [make('h2', {}, title), make(tag || 'ul', {}, ...items)]);

const drawDetail = (image, isLeft) => {
  const { backup, upstream } = image;
  const close = () => byId('detail').close();
  byId('detail').replaceChildren(
    make('div', { class: 'detail' },
      make('header', {}, make('h2', { id: 'detail-name' }, image.name), make('button', { type: 'button', class: 'close', autofocus: '', onclick: close }, 'Close')),
      isLeft ? make('p', {}, 'Nothing names it any more; this was known last.') : null,
      make('dl', {},
        ...pair('State', pill(image.status, statusWords[image.status]), image.why === null ? null : make('span', {}, ' ' + image.why)),
        ...(image.advice === null ? [] : pair('In Git', image.advice)),
        ...pair('Source', make('code', {}, image.canonical)),
        ...(backup.reference === null ? [] : pair('Backup', make('code', {}, backup.reference))),
        ...(backup.digest === null ? [] : pair('Digest', make('code', {}, backup.digest))),
        ...pair('Platforms', backup.platforms.join(', ')),
        ...(backup.provenAt === null ? [] : pair('Proven', when(backup.provenAt))),
        ...pair('Deployed by', image.owners.join(', ')),
        ...(upstream === null ? [] : pair('Upstream', pill(upstream.state, upstream.state), upstream.problem === null ? null : ' ' + upstream.problem, upstream.checkedAt === null ? null : [' ', when(upstream.checkedAt)])),
        ...(upstream === null || upstream.digest === null || upstream.digest === backup.digest ? [] : pair('Tag names now', make('code', {}, upstream.digest))),
      ),
      ...list('Warnings', backup.warnings.map((text) => make('li', {}, text))),
      ...list('Pull requests', image.requests.map((at) => make('li', {}, link(model.requests[at]), ' ', model.requests[at].repository, model.requests[at].explanation === null ? null : ': ' + model.requests[at].explanation))),
      ...list('What nodes run', image.running.map((one) => make('li', {}, make('code', {}, one.digest), ' in ' + one.containers + (one.containers === 1 ? ' container, ' : ' containers, ') + one.kind))),
      ...list('Used by', image.places.slice(0, 200).map((place) => make('li', {}, place.where, ' ', make('code', {}, place.field), place.isSwitched ? ' (the backup)' : ''))),
      image.places.length > 200 ? make('p', {}, 'and ' + (image.places.length - 200) + ' more') : null,
      ...list('Since the start', image.history.map((entry) => make('li', {}, when(entry.at), ' ', entry.what)).reverse(), 'ol'),
    ),
  );
};

/** The detail that is open, and what it tells. */
let detail = null;
const show = (key) => {
  const image = images.get(key);
  if (!image) return;
  detail = { key, image, tells: tellsOf(image) };
  drawDetail(image, false);
  if (!byId('detail').open) byId('detail').showModal();
  document.title = image.name + ' \u00b7 holdfast';
};
const redrawDetail = () => {
  if (detail === null) return;
  const image = images.get(detail.key);
  const tells = image ? tellsOf(image) : '';
  if (tells === detail.tells) return;
  detail = { key: detail.key, image: image || detail.image, tells };
  drawDetail(detail.image, !image);
};

/** What has the focus, in words that outlive its element. */
const focused = () => {
  const here = document.activeElement;
  const box = here && here.closest('#rows tr, #counts, dialog');
  if (!box) return null;
  const parts = (of) => [...of.querySelectorAll('a, button')];
  const at = parts(box).indexOf(here);
  const key = box.tagName === 'TR' ? box.querySelector('.open').dataset.key : null;
  return () => {
    if (document.activeElement === here) return;
    const now = key === null ? box : drawn.has(key) && drawn.get(key).element.isConnected ? drawn.get(key).element : null;
    const next = now && (parts(now)[at] || parts(now)[0]);
    if (next) next.focus({ preventScroll: true });
  };
};
const draw = () => {
  const restore = focused();
  drawHead();
  drawRows();
  redrawDetail();
  if (restore !== null) restore();
};

const address = () => {
  try { return decodeURIComponent(location.hash.slice(1)); } catch { return ''; }
};
const follow = () => {
  const key = address();
  if (key !== '') show(key);
  else if (byId('detail').open) byId('detail').close();
};
byId('rows').addEventListener('click', (event) => {
  const button = event.target.closest('button.open');
  if (button) location.hash = encodeURIComponent(button.dataset.key);
});
byId('detail').addEventListener('close', () => { detail = null; document.title = 'holdfast'; history.replaceState(null, '', location.pathname + location.search); });
byId('detail').addEventListener('click', (event) => { if (event.target === byId('detail')) byId('detail').close(); });
addEventListener('hashchange', follow);
let typing = 0;
byId('text').addEventListener('input', (event) => {
  clearTimeout(typing);
  typing = setTimeout(() => { view.text = event.target.value.trim().toLowerCase(); drawRows(); }, 80);
});
addEventListener('keydown', (event) => {
  if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); byId('text').focus(); }
});
const sortBy = (key) => { view.down = view.sort === key ? !view.down : false; view.sort = key; byId('sort').value = key; drawRows(); };
for (const head of document.querySelectorAll('th')) head.querySelector('button').addEventListener('click', () => sortBy(head.dataset.key));
byId('sort').addEventListener('change', (event) => { view.sort = event.target.value; view.down = false; drawRows(); });

const refresh = async () => {
  let isStale = true;
  try {
    const answer = await fetch('api/images', { headers: { accept: 'application/json' } });
    if (answer.ok) { take(await answer.json()); isStale = false; }
  } catch { /* what it said last stays */ }
  byId('stale').hidden = !isStale;
  if (!isStale) draw();
  for (const time of document.querySelectorAll('time')) time.textContent = ago(Date.parse(time.dateTime));
};
take(JSON.parse(byId('model').textContent));
if (model.daemon !== null && location.protocol.startsWith('http')) setInterval(() => { if (!document.hidden) refresh(); }, 15000);
draw();
follow();
})();
`,W=`
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
`,G=e=>`'sha256-${t(`sha256`).update(e).digest(`base64`)}'`,K=[`default-src 'none'`,`script-src ${G(U)}`,`style-src ${G(W)}`,`connect-src 'self'`,`base-uri 'none'`,`form-action 'none'`].join(`; `),q=[[`name`,`Image`],[`status`,`Backup`],[`upstream`,`Upstream`],[`places`,`Used by`],[`request`,`Pull request`]];function Me(e){let t=q.map(([e,t])=>`<th scope="col" data-key="${e}"><button type="button">${t}</button></th>`).join(``),n=q.map(([e,t])=>`<option value="${e}"${e===`status`?` selected`:``}>Sort by ${t.toLowerCase()}</option>`).join(``);return`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${K}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>holdfast</title>
<style>${W}</style>
</head>
<body>
<a class="skip" href="#text">Skip to the filter</a>
<header>
<h1>holdfast</h1>
<p class="sub" id="subject"></p>
<p class="sub" id="stale" role="status" hidden>The daemon does not answer; this is what it said last.</p>
</header>
<main>
<div class="counts" id="counts" role="group" aria-label="Show"></div>
<ul class="notices" id="notices" hidden></ul>
<div class="tools">
<input id="text" type="search" placeholder="Filter by image, workload, namespace  ( / )" aria-label="Filter" autocomplete="off">
<select id="sort" aria-label="Sort">${n}</select>
<span class="sub" id="shown" role="status"></span>
</div>
<table>
<thead><tr>${t}</tr></thead>
<tbody id="rows"></tbody>
</table>
<p class="none" id="none" hidden>No image matches.</p>
</main>
<dialog id="detail" aria-labelledby="detail-name"></dialog>
<noscript><p>This page needs JavaScript; <a href="api/images">/api/images</a> is the same as JSON.</p></noscript>
<script type="application/json" id="model">${Ne(e)}<\/script>
<script>${U}<\/script>
</body>
</html>
`}function Ne(e){return JSON.stringify(e).replaceAll(`<`,`\\u003c`).replaceAll(`\u2028`,`\\u2028`).replaceAll(`\u2029`,`\\u2029`)}function Pe({pullSecret:e,moves:t}){let n=t.map(({use:e})=>e);if(e===null||n.length===0)return[];let r=new Set(n.flatMap(({workload:e})=>e.namespace??[])),i=new Set(n.flatMap(({workload:e,file:t})=>e.namespace===null?[t]:[])),a=[...r.size>0?[`in ${J(r)}`]:[],...i.size>0?[`in each namespace that ${J(i)} is deployed to`]:[]];return[`### Pull secret`,``,`The secret ${V(e)} must be there before this is merged, ${a.join(`, and `)}.`,``]}function J(e,t=20){let n=[...new Set(e)].toSorted(),r=n.length>t?` and ${n.length-t} more`:``;return`${n.slice(0,t).map(e=>V(e.length>260?`${e.slice(0,260)}…`:e)).join(`, `)}${r}`}function Fe(e,t){if(t.length===0)return[];let{pin:n,pullSecret:r,moves:i}=e,a=t.map(({copy:e})=>e.backup.slice(0,e.backup.indexOf(`/`))),o=e=>i.flatMap(({use:{workload:t}})=>t.kind===e?[t.name??`without a name`]:[]),[s,c]=[o(`Job`),r===null?[]:o(`Pod`)],l=t.flatMap(({copy:{source:e}})=>/:latest$|^[^@]*\/[^:@]*$/.test(e)?[e]:[]),u=[`- Nodes pull these images from ${J(a)} from now on, and must reach it.`,`- Pods whose template changes are started anew once this is deployed. Where a tag moved upstream since they were started last, they then run what the table names.`];return r===null&&u.push(`- No pull secret is named, so nodes must be able to pull there as they are.${a.includes(`ghcr.io`)?" A new package on `ghcr.io` is private: name a `pullSecret`, or make it public.":``}`),s.length>0&&u.push(`- The template of a Job cannot change once it is there. If these are still in the cluster, delete them first, or have your tool replace them: ${J(s)}.`),c.length>0&&u.push(`- A Pod gets no pull secret once it is there: delete these, and have them made anew: ${J(c)}.`),l.length>0&&u.push(n===`digest`?`- A digest turns the default pull policy of \`:latest\` from Always to IfNotPresent, and a new upstream image no longer arrives by a restart: ${J(l)}.`:`- The tag of a backup never moves, so a new upstream image no longer arrives by a restart: ${J(l)}.`),[`### What changes for the cluster`,``,...u,``]}function Ie(e){let t=/* @__PURE__ */ new Map;for(let{source:n,backup:r}of e){let e=n.indexOf(`/`),i=n.slice(0,e),a=Y(n.slice(e+1)),o=Y(r);e>0&&o.endsWith(`/${a}`)&&t.set(o.slice(0,-a.length-1),i)}if(t.size===0)return null;let n=[...t].toSorted(([e],[t])=>e<t?-1:1);return JSON.stringify({registryAliases:Object.fromEntries(n)},null,2)}function Y(e){return e.replace(/@.*$/,``).replace(/:[^/:]+$/,``)}function Le(e){let{report:t}=e,r=ze(e),i=Be(t),a=i.filter(({code:e})=>e!==null&&Re.has(e)),o=i.filter(e=>!a.includes(e)),s=[{head:[`| Image | Backup | Digest | Platforms | Size | Files |`,`|---|---|---|---|---|---|`],rows:r.map(t=>He(t,e.sizes)),more:e=>`and ${n(e,`more image`)}: the diff has them all.`},{title:`### Decided elsewhere`,note:`Something else decides or writes back these references, so they are left alone until that place is edited too.`,head:X,rows:a.map(Z),more:e=>`and ${n(e,`more reference`)}.`},{title:`### Left alone`,head:X,rows:o.map(Z),more:e=>`and ${n(e,`more reference`)}.`}],c=`Every image below was copied to the backup registry and read back there by digest before this was proposed. Only ${`image references${e.pullSecret===null?``:` and pull secrets`}`} change, in ${n(t.changes.length,`manifest`)}; ${V(e.lockFile)} records which source each backup is of.`,l=We([Ke(e),Pe(e),Fe(e,r),qe(r),Ye(t),Je(r)],4e4),u=[c,``,...Ue(s,57e3-c.length-l.join(`
`).length),...l];return{title:Ge(r),body:`${u.join(`
`).trimEnd()}\n`}}const Re=/* @__PURE__ */ new Set([`overlay`,`tested`,`flux-setter`,`image-updater`]),X=[`| Where | Image | Why |`,`|---|---|---|`];function ze({report:e,moves:t}){let n=/* @__PURE__ */ new Map;for(let{source:e,use:r}of t)n.set(e,(n.get(e)??/* @__PURE__ */ new Set).add(r.file));return e.copies.flatMap(e=>{let t=n.get(e.source);return t?[{copy:e,files:[...t].toSorted()}]:[]}).toSorted((e,t)=>e.copy.source<t.copy.source?-1:1)}function Be(e){let t=new Map(e.copies.flatMap(e=>e.error?[[e.source,e.error.message]]:[])),n=e.images.flatMap(e=>{let n=Ve(e,t),r=`${e.use.file}:${e.use.line}`;return n===null?[]:[{code:e.use.hold??e.reason,where:r,image:e.use.written,why:n}]}),r=e.skipped.map(({file:e,line:t,message:n})=>({code:null,where:t>0?`${e}:${t}`:e,image:``,why:n}));return[...n,...r]}function Ve(e,t){return e.state===`unusable`?e.explanation??e.reason:e.state===`candidate`?e.editable?t.get(e.canonical??``)??null:e.explanation??`cannot be edited here`:null}function He({copy:e,files:t},n){let i=n.get(e.source),a=t.length-4;return`| ${[V(e.source),V(e.backup),V(e.digest??``),e.platforms.length===0?`–`:e.platforms.map(H).join(`, `),i===void 0?`–`:r(i),[...t.slice(0,4).map(V),...a>0?[`and ${a} more`]:[]].join(`<br>`)].join(` | `)} |`}function Z({where:e,image:t,why:n}){return`| ${V(e)} | ${t===``?`–`:V(t)} | ${H(n)} |`}function Ue(e,t){let n=[],r=t;for(let[t,i]of e.entries()){if(i.rows.length===0)continue;let a=[...i.title?[i.title,``]:[],...i.note?[i.note,``]:[],...i.head],o=t===e.length-1?r:Math.floor(r*2/3),s=a.join(`
`).length+100,c=[];for(let e of i.rows){if(s+e.length+1>o)break;c.push(e),s+=e.length+1}let l=i.rows.length-c.length;n.push(...a,...c,``,...l>0?[i.more(l),``]:[]),r-=s}return n}function We(e,t){let n=t;return e.flatMap(e=>{let{length:t}=e.join(`
`);return t+1>n?[]:(n-=t+1,e)})}function Ge(e){let[t]=e;if(t===void 0)return`Keep the references to backup images in order`;if(e.length>1)return`Use the backups of ${e.length} images`;let n=T(t.copy.source);return n.length>150?`Use the backup of 1 image`:`Use the backup of ${n}`}function Ke({waiting:{images:e,files:t}}){return e+t===0?[]:[`### Waiting for the next request`,``,`There is a limit to how much goes into one request: ${[...e>0?[n(e,`more image`)]:[],...t>0?[n(t,`more manifest`)]:[]].join(` and `)} will be proposed once this one is merged.`,``]}function qe(e){let t=e.filter(({copy:e})=>e.moved!==null&&e.moved!==e.digest);if(t.length===0)return[];let n=t.slice(0,20).map(({copy:e})=>`- ${V(e.source)} names ${V(e.moved??``)} by now; ${V(e.digest??``)} is kept.`),r=t.length>20?[`- and ${t.length-20} more`]:[];return[`### Tags that moved on upstream`,``,...n,...r,``]}function Je(e){let t=Ie(e.map(({copy:e})=>e));return t===null?[]:[`<details><summary>Keep Renovate looking at upstream</summary>`,``,"```json",t,"```",``,`</details>`,``]}function Ye(e){if(e.notes.length===0)return[];let t=e.notes.slice(0,20).map(e=>`- ${H(e.slice(0,500))}`),n=e.notes.length-t.length;return[`### Notes`,``,...t,...n>0?[`- and ${n} more`]:[],``]}function Xe(e){let t=[`**holdfast** found ${n(e.length,`problem`)} in this pull request.`,``,`| Where | Image | What |`,`|---|---|---|`].join(`
`),r=6e4-t.length-297-100,i=[];for(let{file:t,line:n,subject:a,message:o}of e){let e=`| ${V(`${t}:${n}`)} | ${V(a)} | ${H(o)} |`;if(e.length+1>r)break;r-=e.length+1,i.push(e)}let a=e.length-i.length,o=a===0?[]:[``,`and ${n(a,`more problem`)}: the job summary has them.`];return{body:`${[t,...i,...o,"\nUntil a manifest names a copy in the backup registry, the cluster depends on an upstream that may take the image away. Run `holdfast rewrite` on this branch, or exclude the image in `.holdfast.yaml`; with `copy-on-pr: true` the check itself makes the copies of those it trusts, and suggests them."].join(`
`)}\n`,resolved:`**holdfast**: every image that this pull request adds is backed up.
`}}function Ze(e,{edits:t,images:n}){let r=(e,t)=>JSON.stringify([e,t]),i=$(t,({file:e,line:t})=>r(e,t)),a=$(t,({file:e})=>e),o=$(n.map(({use:e})=>e),({file:e})=>e);return[...new Set(e.map(({file:e,line:t})=>r(e,t)))].flatMap(e=>{let[t,n]=i.get(e)??[];if(t===void 0||n!==void 0||t.before===``||`${t.before}${t.after}`.includes(`
`))return[];let r=a.get(t.file)??[];if(!Qe(t,r,o.get(t.file)??[]))return[];let s=!r.some(({pullSecret:e})=>e);return[{path:t.file,line:t.line,body:$e(t,s)}]})}function Qe(e,t,n){let r=n.filter(t=>Q(e,t));return r.length===0?!1:r.every(({parts:e})=>e===void 0||e.kind===`override`)?!0:t.every(t=>t===e||t.pullSecret||!r.some(e=>Q(t,e))&&n.some(e=>Q(t,e)))}function Q({range:[e,t],before:n},{range:r,parts:i}){return n===``||i?.kind===`entry`?!1:(i?.kind===`split`?[i.registry,i.repository,i.tag,i.digest].map(e=>e?.range):[r]).some(n=>n&&e>=n[0]&&e<n[1]&&t<=n[1])}function $(e,t){let n=/* @__PURE__ */ new Map;for(let r of e){let e=t(r),i=n.get(e);i?i.push(r):n.set(e,[r])}return n}function $e({after:e},t){let n=Math.max(2,...[...e.matchAll(/`{3,}/g)].map(([e])=>e.length)),r="`".repeat(n+1);return`holdfast: the backup of this image is there, proven by digest.${t?``:" Pods of this file also need the pull secret, which no suggestion can add: `holdfast rewrite` does."}\n\n${r}suggestion\n${e}\n${r}\n`}const et=Object.keys(O).toSorted();function tt(t){let n={$schema:`https://json.schemastore.org/sarif-2.1.0.json`,version:`2.1.0`,runs:[{tool:{driver:{name:`holdfast`,semanticVersion:e,rules:et.map(e=>({id:e,shortDescription:{text:O[e]},defaultConfiguration:{level:e===`not-read`||e===`backup-unknown`?`warning`:`error`}}))}},columnKind:`utf16CodeUnits`,results:j(t).slice(0,5e3).map(nt)}]};return`${JSON.stringify(n,null,2)}\n`}function nt(e){let{rule:n,level:r,message:i,file:a,line:o,column:s,identity:c,subject:l}=e;return{ruleId:n,ruleIndex:et.indexOf(n),level:r,message:{text:i},locations:[{physicalLocation:{artifactLocation:{uri:a.split(`/`).map(encodeURIComponent).join(`/`)},region:{startLine:o,...s===null?{}:{startColumn:s}}}}],partialFingerprints:{"holdfast/v1":t(`sha256`).update([n,a,c,l].join(`
`)).digest(`hex`)}}}function rt(e,{limit:t,dryRun:n,problems:r}){let i=new it(t);return i.add(`## holdfast\n\n${H(R(e,n))}.\n\n`),i.add(e.proposals.map(at).join(``)),i.add(ot(e.notes.map(H))),e.command===`check`&&st(i,r??j(e)),ct(i,e),lt(i,e),ut(i,e.changes,e.command===`check`),i.text}var it=class{text=``;#e;constructor(e){this.#e=e-2e3}add(e){let t=Buffer.byteLength(e);return t>this.#e?!1:(this.#e-=t,this.text+=e,!0)}addTable(e,t,r,i){if(r.length===0)return;let a=this.#e*(1-i);if(!this.add(`${e}\n\n${t}`))return;let o=r.findIndex(e=>this.#e<a||!this.add(e)),s=o===-1?0:r.length-o;this.text+=s===0?`
`:`\nand ${n(s,`more row`)}: report.json has them all.\n\n`}};function at(e){let{operation:t,number:n,url:r,branch:i,explanation:a}=e,o=n===null?V(i):`#${n}`;return`**Pull request** ${r===null?o:`[${n===null?`open it`:o}](${encodeURI(r)})`}: ${t}.${a===null?``:` ${H(a)}`}\n\n`}function ot(e){return e.length===0?``:`${e.map(e=>`- ${e}\n`).join(``)}\n`}function st(e,t){let n=t.map(({file:e,line:t,subject:n,message:r,level:i})=>`| ${V(`${e}:${t}`)} | ${V(n)} | ${i} | ${H(r)} |\n`);e.addTable(`### Found`,`| Where | Image | Level | What |
|---|---|---|---|
`,n,.5)}function ct(e,{command:t,copies:n}){let i=e=>t===`check`&&e===`planned`?`not copied`:e,a=n.map(e=>{let t=e.bytes===0?``:`, ${r(e.bytes)}`,n=e.error?H(e.error.message):e.digest===null?``:V(e.digest);return`| ${V(e.source)} | ${V(e.backup)} | ${i(e.status)}${t} | ${n} |\n`});e.addTable(`### Images`,`| Image | Backup | Status | Digest |
|---|---|---|---|
`,a,.5)}function lt(e,t){let n=t.images.flatMap(({use:e,state:t,explanation:n})=>t===`unusable`?[[`${e.file}:${e.line}`,e.written,n??``]]:[]),r=t.command===`check`?[]:t.skipped,i=[...n,...r.map(({file:e,message:t})=>[e,``,t])].map(([e,t,n])=>`| ${V(e)} | ${t===``?`–`:V(t)} | ${H(n)} |\n`);e.addTable(`### Left alone`,`| Where | Image | Why |
|---|---|---|
`,i,.5)}function ut(e,t,r){if(t.length===0)return;e.add(r?`### What \`holdfast rewrite\` would change

`:`### Changes

`);let i=t.filter(t=>{let n=E([t]).split(/\r?\n/).map(T).join(`
`),r=Math.max(2,...[...n.matchAll(/`{3,}/g)].map(([e])=>e.length)),i="`".repeat(r+1);return!e.add(`${i}diff\n${n.trimEnd()}\n${i}\n\n`)});i.length>0&&(e.text+=`and ${n(i.length,`more file`)}.\n`)}export{D as _,Le as a,n as b,H as c,we as d,ye as f,k as g,A as h,Ze as i,Ae as l,j as m,tt as n,K as o,fe as p,Xe as r,Me as s,rt as t,P as u,T as v,r as y};