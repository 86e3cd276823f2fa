import{C as e,It as t,S as n,d as r,i,ri as a}from"./common.js";import{constants as o,createCipheriv as s,createPublicKey as c,publicEncrypt as l,randomBytes as u}from"node:crypto";function d(e){if(/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(e))throw new a(`config`,"The certificate of the Sealed Secrets controller holds a private key: keep that out of here, and write the certificate alone with `kubeseal --fetch-cert`.");try{let t=c(e);if(t.asymmetricKeyType===`rsa`)return t}catch{}throw new a(`config`,"The certificate of the Sealed Secrets controller is not one: write it anew with `kubeseal --fetch-cert`.")}function f(e,t,n,r){let i=u(32),a=l({key:e,padding:o.RSA_PKCS1_OAEP_PADDING,oaepHash:`sha256`,oaepLabel:Buffer.from(`${n}/${r}`)},i),c=s(`aes-256-gcm`,i,Buffer.alloc(12)),d=Buffer.concat([c.update(t,`utf8`),c.final(),c.getAuthTag()]),f=Buffer.alloc(2);return f.writeUInt16BE(a.length),Buffer.concat([f,a,d]).toString(`base64`)}async function p(e,t){let{pullSecret:o}=e.config;if(o===null)throw new a(`config`,`No pull secret is named: write --pull-secret NAME, or pullSecret in .holdfast.yaml.`);let s=await r(e),c=n(s,e),l=[...c.steps,...c.backups].flatMap(e=>e.uses),{lacking:u,namespaces:d}=i(s,l,o),f=u.flatMap(e=>e??[]),p=await m(e,t,o.name);return{text:f.map(e=>`---\n${p(e)}`).join(``),namespaces:f,unnamed:u.includes(null),used:d.length>0}}async function m(t,n,r){switch(n.kind){case`external`:return e=>h(r,e,n);case`template`:return _(n.text,r);case`sealed`:{let{registry:i,repository:a}=e(t).backup,o=await n.findCredentials(i,a),s=d(n.certificate),c=v(i,o);return e=>g(r,e,f(s,c,e,r))}}}function h(e,t,{store:n,storeKind:r,key:i}){return`apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: ${e}
  namespace: ${t}
spec:
  secretStoreRef:
    kind: ${r}
    name: ${n}
  target:
    name: ${e}
    template:
      type: kubernetes.io/dockerconfigjson
  data:
    - secretKey: .dockerconfigjson
      remoteRef:
        key: ${JSON.stringify(i)}
`}function g(e,t,n){return`apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: ${e}
  namespace: ${t}
spec:
  encryptedData:
    .dockerconfigjson: ${n}
  template:
    metadata:
      name: ${e}
      namespace: ${t}
    type: kubernetes.io/dockerconfigjson
`}function _(e,n){let r=t=>e.replaceAll(`{name}`,n).replaceAll(`{namespace}`,t).replace(/^---\r?\n/,``).replace(/\n*$/,`
`),i=t(r(`default`));if(i===null)throw new a(`config`,`The template is not YAML once {name} and {namespace} are filled in.`);if(i)throw new a(`config`,`The template is a plain Secret, which would show its credentials to every reader: use an ExternalSecret or a SealedSecret.`);return r}function v(e,t){if(t===null)throw new a(`config`,`No credentials are known for ${e}: log in with an account that may only pull, \`docker login ${e}\`.`);if(t.kind!==`password`)throw new a(`config`,`The credentials for ${e} are an identity token, which nodes cannot use: log in with a user name and a password.`);let{username:n,password:r}=t,i=Buffer.from(`${n}:${r}`).toString(`base64`);return JSON.stringify({auths:{[e===`docker.io`?`https://index.docker.io/v1/`:e]:{username:n,password:r,auth:i}}})}export{p as writeSecrets};