import { chromium } from "playwright-core";
import { servePage } from "./dist/serve/index.js";
const server = await servePage({port:0,host:"127.0.0.1"});
const browser = await chromium.launch({executablePath:"/usr/bin/chromium",args:["--no-sandbox"]});
const which=(process.argv[2]??"wide,narrow").split(",");
for (const [name,width,scheme] of [["wide",1440,"light"],["wide-dark",1440,"dark"],["narrow",390,"light"],["narrow-dark",390,"dark"]].filter(([n])=>which.includes(n))) {
  const page = await browser.newPage({viewport:{width,height:900},colorScheme:scheme});
  page.on("console",m=>console.log(name,"console",m.type(),m.text())); page.on("pageerror",e=>console.log(name,"pageerror",e.message));
  page.on("request",r=>{ if(!r.url().startsWith(server.url)&&!r.url().startsWith("blob:")) console.log("OUT",r.url())});
  await page.goto(server.url); await page.waitForTimeout(300);
  await page.screenshot({path:`/tmp/wbshots/${name}-start.png`,fullPage:true});
  await page.getByRole("button",{name:"Try the sample flows"}).click();
  await page.waitForSelector("progress"); await page.waitForTimeout(300);
  await page.screenshot({path:`/tmp/wbshots/${name}-working.png`});
  await page.waitForSelector(".key-figures",{timeout:60000}).catch(async e=>{console.log(await page.textContent("main"))});
  await page.waitForSelector(".flows tbody tr"); 
  await page.getByRole("button",{name:"Why?"}).first().click(); await page.waitForSelector(".flow-details");
  await page.waitForTimeout(300);
  await page.screenshot({path:`/tmp/wbshots/${name}-result.png`,fullPage:true});
  await page.close();
}
await browser.close(); await server.close();
