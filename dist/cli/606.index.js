export const id=606;export const ids=[606];export const modules={42014:(e,t,o)=>{o.d(t,{Z:()=>flagsOf,t:()=>parsedFlags});var n=o(35583),i=o(51174),s=o(562),a=o(28726);function flagsOf(e,t){return[...(0,i.eJ)(t),..."needed"===e.commit||"used"===e.commit?i.cn:[],...e.publishes?[i.yE,i.Ew]:[],..."doctor"!==e.name&&t.inputs.builder?[i.c$]:[],...e.page?[i.vP]:[],...i.gd]}async function parsedFlags(e,t,o){try{return(0,s.b)(e,t,o)}catch(t){if(!(t instanceof a.nQ))throw t;let e=await commandsWith(t.flag);if(0===e.length)throw t;throw(0,a.Wp)(`tidegate ${o} has no flag ${t.flag}, which is one of ${e.join(", ")}.`,`Leave it out: it would have no effect here. Run tidegate ${o} --help for the flags.`)}}async function commandsWith(e){return(await Promise.all(n.A.map(async t=>flagsOf(t,await t.schema()).map(({name:e})=>e).some(t=>e===`--${t}`)?[t.name]:[]))).flat()}},606:(e,t,o)=>{o.r(t),o.d(t,{runCompletion:()=>runCompletion});var n=o(42014),i=o(35583),s=o(28726);let a=["bash","zsh","fish"];function completionScript(e,t){let o=a.find(t=>t===e);if(o)return r[o](t);throw(0,s.Wp)(`completion: got ${JSON.stringify(e)}.`,"Write bash, zsh or fish.")}let r={bash:bashScript,zsh:e=>`#compdef tidegate
autoload -U +X bashcompinit && bashcompinit
${bashScript(e)}`,fish:fishScript};function secondWords(e){let t=new Map;for(let{name:o}of e){let[e="",n]=o.split(" ");void 0!==n&&t.set(e,[...t.get(e)??[],n])}return t}function firstWords(e){return[...new Set(e.map(({name:e})=>e.split(" ")[0]??""))]}function bashScript(e){let t=[...secondWords(e)].map(([e,t])=>`    ${e}) second="${t.join(" ")}"; command="$command $\{COMP_WORDS[2]}" ;;`).join(`
`),o=e.map(({name:e,flags:t})=>`    "${e}") words="${t.map(e=>`--${e.name}`).join(" ")}" ;;`).join(`
`),n=new Map;for(let{name:t,flags:o}of e)for(let{name:e,choices:i}of o)i&&n.set(i.join(" "),[...n.get(i.join(" "))??[],`"${t} --${e}"`]);let i=[...n].map(([e,t])=>`    ${t.join(" | ")}) words="${e}" ;;`).join(`
`);return`# tidegate completion
_tidegate() {
  local cur="$\{COMP_WORDS[COMP_CWORD]}" prev="$\{COMP_WORDS[COMP_CWORD-1]}" words=""
  local command="$\{COMP_WORDS[1]}" second=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${firstWords(e).join(" ")}" -- "$cur"))
    return
  fi
  case "$command" in
${t}
  esac
  if [ "$COMP_CWORD" -eq 2 ] && [ -n "$second" ]; then
    COMPREPLY=($(compgen -W "$second" -- "$cur"))
    return
  fi
  case "$prev" in
    --*-file | --file | --report-dir | --layout) COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  case "$command $prev" in
${i}
  esac
  if [ -z "$words" ]; then
    case "$command" in
${o.replaceAll(/^ {4}/gm,"      ")}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _tidegate tidegate
`}function fishScript(e){let t=["# tidegate completion","complete -c tidegate -f"];for(let o of firstWords(e)){let n=e.find(({name:e})=>e.split(" ")[0]===o)?.summary??"";t.push(`complete -c tidegate -n __fish_use_subcommand -a ${o} -d ${quoted(n)}`)}let o=secondWords(e);for(let[e,n]of o){let o=`not __fish_seen_subcommand_from ${n.join(" ")}`;t.push(`complete -c tidegate -n '__fish_seen_subcommand_from ${e}; and ${o}' -a ${quoted(n.join(" "))}`)}for(let{name:n,flags:i}of e){let e=n.split(" ").map(e=>`__fish_seen_subcommand_from ${e}`);for(let[t,i]of o)i.includes(n)&&e.push(`not __fish_seen_subcommand_from ${t}`);for(let o of i){let n=o.choices?` -x -a ${quoted(o.choices.join(" "))}`:void 0===o.value?"":" -r";t.push(`complete -c tidegate -n '${e.join("; and ")}' -l ${o.name}${n}`)}}return`${t.join(`
`)}
`}function quoted(e){return`'${e.replaceAll("\\","\\\\").replaceAll("'","\\'")}'`}var c=o(38267),l=o(73508);let m=`Usage: tidegate completion bash|zsh|fish

Print the completion script of this shell. To load it:

  bash   source <(tidegate completion bash)
  zsh    source <(tidegate completion zsh)
  fish   tidegate completion fish | source
`;async function runCompletion(e,t){let[o,...a]=e;if("--help"===o||"-h"===o)return t.print(m),l.d.ok;if(void 0===o||a.length>0)throw(0,s.Wp)("completion takes one argument.","Write tidegate completion bash, zsh or fish.");let r=await Promise.all(i.A.map(async e=>{let{name:t,summary:o}=e;return{name:t,summary:o,flags:(0,n.Z)(e,await e.schema())}})),f={name:"init",summary:"Propose workflow, policy and .dockerignore.",flags:c.INIT_FLAGS};return t.print(completionScript(o,[...r,f])),l.d.ok}}};