var e=/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]/g,t=/(\p{M}{4})\p{M}+/gu,n=/[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;function r(n){return n.replace(/\r\n?|[\u2028\u2029\u0085]/g,`
`).replace(e,``).replace(t,`$1`).replace(/\n{4,}/g,`


`)}function i(e){let t=r(e).replace(/\s+/g,` `).trim();return n.test(t)?`\u2068${t}\u2069`:t}export{i as n,r as t};