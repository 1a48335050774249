import { EventEmitter } from "node:events";
import { type Consumer, TimeoutError } from "@platformatic/kafka";
import { expect, test } from "vitest";
import { GroupShare } from "../src/group-share.ts";

/** What of the client's consumer is looked at, as it changes while a group shares out its partitions. */
class Member extends EventEmitter {
  generationId = 0;
  memberId: string | null = null;

  /** The group has a new generation; what is this member's in it is not told yet. */
  rejoin(generation: number, memberId: string): void {
    this.generationId = generation;
    this.memberId = memberId;
  }

  tell(partitions: readonly number[], topic = "flows"): void {
    const { generationId, memberId } = this;
    this.emit("consumer:group:join", { generationId, memberId, assignments: [{ topic, partitions }] });
  }
}

function begin(): { readonly member: Member; readonly share: GroupShare } {
  const member = new Member();
  const share = new GroupShare(member as unknown as Consumer, "flows");
  member.rejoin(1, "one");
  member.tell([0, 1]);
  return { member, share };
}

test("between a new generation and the word of what is its own a member's partitions are pending, and the former ones are named", () => {
  const { member, share } = begin();
  expect([share.isPending, share.own]).toEqual([
    false,
    { generation: 1, memberId: "one", partitions: [0, 1] },
  ]);
  member.rejoin(2, "one");
  expect([share.isPending, share.own.partitions]).toEqual([true, [0, 1]]);
  member.tell([1]);
  expect([share.isPending, share.own]).toEqual([false, { generation: 2, memberId: "one", partitions: [1] }]);
  // It has been held for gone, and is another now.
  member.memberId = null;
  expect(share.isPending).toBe(true);
  member.rejoin(4, "two");
  member.tell([0, 1], "another topic");
  expect([share.isPending, share.own]).toEqual([false, { generation: 4, memberId: "two", partitions: [] }]);
});

test("a refused commit has them pending until the group has shared them out", async () => {
  const { member, share } = begin();
  share.refuse();
  expect(share.isPending).toBe(true);
  const settled = share.settle(60_000, 60_000);
  member.rejoin(2, "one");
  member.tell([0]);
  await settled;
  expect([share.isPending, share.own.partitions]).toEqual([false, [0]]);
});

test("a group that does not share them out is waited for so long, and no longer", async () => {
  const { share } = begin();
  share.refuse();
  await share.settle(5, 60_000);
  expect(share.isPending).toBe(true);
  await expect(share.settle(5, 1)).rejects.toBeInstanceOf(TimeoutError);
});
