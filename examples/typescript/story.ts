/**
 * Two stories by a client generated from `openapi/openapi.json`: new numbers, and a port.
 *
 * Run it against `make run`; ../README.md tells how.
 */

import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/pstn.ts";

type Schema = components["schemas"];

interface Demo {
  baseUrl: string;
  tokens: { customerAdmin: string; operator: string };
  locations: { paidUs: string };
}
const demo: Demo = JSON.parse(
  await readFile(`${process.env["PSTN_HOME"] ?? ".data"}/demo.json`, "utf8"),
);
const caller = (token: string) =>
  createClient<paths>({ baseUrl: demo.baseUrl, headers: { Authorization: `Bearer ${token}` } });
const admin = caller(demo.tokens.customerAdmin);
const operator = caller(demo.tokens.operator);
const location = { locationId: demo.locations.paidUs };

const DAY_SECONDS = 86_400;
const BILL = new URL("../bill.pdf", import.meta.url);
/** The numbers on the bill; the simulated carrier rejects numbers ending in 01 the first time. */
const BILLED = [...Array(10).keys()].map((line) => `+12065550${line}01`);
/** What we know better than the bill, by the field a remedy may point at. */
const BETTER: Record<string, Schema["PortOrderPatch"]> = {
  "/account/accountNumber": { account: { accountNumber: "8834-22191" } },
  "/account/pin": { account: { pin: "1147" } },
};
const SEATTLE = {
  address1: "400 Broad Street",
  city: "Seattle",
  state: "WA",
  postalCode: "98109",
  country: "US",
};

/** The answer; a refusal is thrown with everything that is wrong. */
async function told<T>(call: Promise<{ data?: T; error?: Schema["ProblemView"] }>): Promise<T> {
  const { data, error } = await call;
  if (data === undefined) throw new Error(JSON.stringify(error, null, 2));
  return data;
}

/** Enable the location, find two numbers, hold them, order them, accept the terms. */
async function orderNumbers(): Promise<void> {
  const connection: Schema["ConnectionPut"] = {
    pstnConnectionType: "CISCO_PSTN",
    contact: {
      companyName: "Northwind Traders",
      firstName: "Ada",
      lastName: "Example",
      email: "ada@northwind.example",
    },
    emergencyDisclaimer: { acceptedBy: "Ada Example", jobTitle: "Head of IT" },
    emergencyAddress: SEATTLE,
  };
  await told(
    admin.PUT("/v1/telephony/pstn/locations/{locationId}/connection", {
      params: { path: location },
      body: connection,
    }),
  );

  const found = await told(
    admin.GET("/v1/telephony/pstn/locations/{locationId}/availableNumbers", {
      params: { path: location, query: { state: "WA", areaCode: "425", quantity: 2 } },
    }),
  );
  const wish: Schema["NumbersOrderCreate"] = {
    type: "numbers",
    phoneNumbers: found.phoneNumbers.filter((it) => it.preselected).map((it) => it.phoneNumber),
  };
  const reservation = await told(
    admin.POST("/v1/telephony/pstn/locations/{locationId}/reservations", {
      params: { path: location },
      body: wish,
    }),
  );

  let order = await told(
    admin.POST("/v1/telephony/pstn/locations/{locationId}/numberOrders", {
      params: { path: location },
      body: { ...wish, reservationId: reservation.id },
    }),
  );
  const read = () =>
    told(
      admin.GET("/v1/telephony/pstn/orders/{orderId}", { params: { path: { orderId: order.id } } }),
    );
  while (order.status === "pending") {
    await sleep(200);
    order = await read();
  }

  const { version } = await told(admin.GET("/v1/telephony/pstn/termsOfService"));
  await told(admin.POST("/v1/telephony/pstn/termsOfService/acceptance", { body: { version } }));
  tell(await read());
}

/** Draft a port, prove it by a bill and a signature, mend what is rejected, see it completed. */
async function portNumber(): Promise<void> {
  const { phoneNumbers } = await told(
    admin.POST("/v1/telephony/pstn/portabilityChecks", { body: { phoneNumbers: BILLED } }),
  );
  const portable = phoneNumbers.filter((it) => it.portable).map((it) => it.phoneNumber);
  const draft = await told(
    admin.POST("/v1/telephony/pstn/locations/{locationId}/portOrders", {
      params: { path: location },
      body: { phoneNumbers: portable.slice(-1) },
    }),
  );
  const params = { path: { orderId: draft.id } };
  const update = (body: Schema["PortOrderPatch"]) =>
    told(admin.PATCH("/v1/telephony/pstn/portOrders/{orderId}", { params, body }));
  const signAndSubmit = async () => {
    await told(
      admin.POST("/v1/telephony/pstn/portOrders/{orderId}/loa/sign", {
        params,
        body: { fullName: "Ada Example", jobTitle: "Head of IT", consent: true },
      }),
    );
    await told(admin.POST("/v1/telephony/pstn/portOrders/{orderId}/submit", { params }));
  };
  /** The port once it has come so far; the operator lets the days of the simulation pass. */
  const when = async (status: Schema["PortOrderView"]["status"]) => {
    for (;;) {
      const port = await told(admin.GET("/v1/telephony/pstn/portOrders/{orderId}", { params }));
      if (port.status === status) return port;
      const body = { seconds: DAY_SECONDS };
      await told(operator.POST("/v1/simulator/clock/advance", { body }));
    }
  };

  await update({
    portType: "partial",
    remainingNumbersAction: "keep",
    account: {
      carrierName: "Old Carrier Inc.",
      accountNumber: "8834-22190",
      billingTelephoneNumber: "+12065559000",
      authorizedName: "Ada Example",
      companyName: "Northwind Traders",
      pin: "4711",
      serviceAddress: SEATTLE,
    },
  });

  const { now } = await told(operator.GET("/v1/simulator/clock"));
  const issued = new Date(Date.parse(now) - 5 * DAY_SECONDS * 1000);
  await told(
    admin.POST("/v1/telephony/pstn/portOrders/{orderId}/documents", {
      params,
      body: {
        kind: "bill",
        file: new File([await readFile(BILL)], "bill.pdf"),
        issuedOn: issued.toISOString().slice(0, 10),
      },
      bodySerializer: multipart,
    }),
  );
  await signAndSubmit();

  const rejected = await when("rejected");
  for (const error of rejected.errors) {
    const [remedy] = error.remedies; // the one advised first
    console.log(`  ${error.title}: ${remedy?.text}`);
    for (const pointer of remedy?.pointers ?? []) await update(BETTER[pointer] ?? {});
  }
  await signAndSubmit(); // the letter names the account: it has to be signed anew

  tell(await when("focReceived"));
  tell(await when("completed"));
}

/** A form with a file; fetch gives it its media type. */
function multipart(fields: Record<string, string | Blob | null>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value !== null) form.set(name, value);
  return form;
}

/** A line on how far an order is. */
function tell(order: Schema["OrderView"] | Schema["PortOrderView"]): void {
  const numbers = order.phoneNumbers.map((it) => `${it.phoneNumber} ${it.status}`).join(", ");
  console.log(`${order.orderNumber} ${order.displayStatus}: ${numbers}`);
}

await orderNumbers();
await portNumber();
