import { z } from "zod";
import { ERROR_CLASSES } from "../../../models/taxonomy/classes.ts";

export const errorClassSchema = z.enum(ERROR_CLASSES).meta({ id: "ErrorClass", description: "A class of taxonomy v1" });
