#!/usr/bin/env node
import "../dist/oddflow.js";
