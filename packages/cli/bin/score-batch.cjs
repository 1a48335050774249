#!/usr/bin/env node
/*
 * CommonJS, since what is imported is read on libuv's threads, and it is then too late to say how many there are to be. With
 * one, as the workers have, what the database works on stays in one core's cache.
 */
process.env.UV_THREADPOOL_SIZE ??= "1";
import("../bundle/score-batch.js");
