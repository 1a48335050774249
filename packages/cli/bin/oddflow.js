#!/usr/bin/env node
import "../bundle/oddflow.js";
